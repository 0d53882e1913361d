package desk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"
)

// certificate makes one for a host that is good for a year around a day.
func certificate(t *testing.T, host string, about time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: about.AddDate(0, -6, 0), NotAfter: about.AddDate(0, 6, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err == nil {
		c, err = x509.ParseCertificate(raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A computer whose date is a year off is told to look at its date; a stranger's certificate stays a stranger's, whatever the date.
func TestJudge_TellsAWrongDateFromAStranger(t *testing.T) {
	today := time.Date(2026, 8, 18, 12, 0, 0, 0, time.UTC)
	good := certificate(t, "hub.example", today)
	trust := x509.NewCertPool()
	trust.AddCert(good)
	for name, c := range map[string]struct {
		leaf *x509.Certificate
		now  time.Time
		host string
		want error
	}{
		"good":           {good, today, "hub.example", nil},
		"a year late":    {good, today.AddDate(1, 0, 0), "hub.example", ErrDate},
		"a year early":   {good, today.AddDate(-1, 0, 0), "hub.example", ErrDate},
		"other host":     {good, today, "else.example", ErrPin},
		"late, other":    {good, today.AddDate(1, 0, 0), "else.example", ErrPin},
		"stranger":       {certificate(t, "hub.example", today), today, "hub.example", ErrPin},
		"late, stranger": {certificate(t, "hub.example", today), today.AddDate(1, 0, 0), "hub.example", ErrPin},
	} {
		if err := judge(c.leaf, x509.VerifyOptions{DNSName: c.host, Roots: trust, CurrentTime: c.now}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if why := whyNot(ErrDate); why != "sync.why.date" {
		t.Errorf("told %s", why)
	}
}
