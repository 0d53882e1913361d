package incident

import "slices"

// Reasons returns the reason codes of a verb, in order; none for a verb without codes. Their names are the catalogue keys
// "reason.<code>".
func Reasons(v Verb) []string {
	switch v {
	case AskInfo:
		return []string{"IN01", "IN02", "IN03"}
	case Refuse:
		return []string{"NR01", "NR02", "NR03", "NR04", "NR05", "NR06", "NR07"}
	case Return:
		return []string{"RT01", "RT02", "RT03", "RT04", "RT05", "RT06"}
	case Reassign:
		return []string{"RA01", "RA02", "RA03", "RA04"}
	case Suspend:
		return []string{"SU01", "SU02", "SU03", "SU04", "SU05", "SU06"}
	case Extend:
		return []string{"EX01", "EX02", "EX03", "EX04"}
	case Escalate:
		return []string{"UP01", "UP02", "UP03", "UP04", "UP05", "UP06"}
	case Verify:
		return []string{"VF01", "VF02", "VF03", "VF04", "VF05"}
	case Reopen:
		return []string{"RO01", "RO02", "RO03", "RO04", "RO05"}
	case ForceClose:
		return []string{"FC01", "FC02", "FC03", "FC04", "FC05"}
	case VoidIt:
		return []string{"test", "mistake"}
	}
	return nil
}

// The reasons that the program itself gives.
const (
	reasonDissatisfied = "RO01"
	reasonRecurrence   = "RO02"
	reasonPromise      = "RO05"
)

// coded reports whether the act's reason is one of its verb's codes.
func (d *decision) coded() bool { return slices.Contains(Reasons(d.act.Do), d.act.Reason) }
