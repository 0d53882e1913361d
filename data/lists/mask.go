package lists

import (
	"strings"
	"unicode/utf8"

	"zw110/data/incident"
	"zw110/data/intake"
)

// maskFor hides personal data in a text, and the reporter's own name, phone and address wherever they stand in it.
func maskFor(text string, r *incident.Reporter) string {
	if r != nil {
		if name := strings.TrimSpace(r.Name); utf8.RuneCountInString(name) >= 2 && !strings.Contains(name, "*") {
			text = strings.ReplaceAll(text, name, intake.MaskName(name))
		}
		for _, secret := range []string{r.Phone, r.IDNo, r.Address} {
			if secret = strings.TrimSpace(secret); len(secret) >= 5 && !strings.Contains(secret, "*") {
				text = strings.ReplaceAll(text, secret, "****")
			}
		}
	}
	return intake.MaskText(text)
}
