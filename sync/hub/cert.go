package hub

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The hub's certificate and key, in its data folder.
const (
	fileCert = "hub.crt"
	fileKey  = "hub.key"
)

// certLife is how long a self-made certificate is good. Desks don't trust it by its dates but by its pinned key.
const certLife = 20 * 365 * 24 * time.Hour

// Certificate reads the hub's certificate from two PEM files; with empty names, from the data folder, where it is made at the first
// start for the given host names and addresses.
func Certificate(dir, certFile, keyFile string, hosts []string, now time.Time) (tls.Certificate, error) {
	if certFile == "" {
		certFile, keyFile = filepath.Join(dir, fileCert), filepath.Join(dir, fileKey)
		if _, err := os.Stat(certFile); errors.Is(err, fs.ErrNotExist) {
			if err := makeCertificate(certFile, keyFile, hosts, now); err != nil {
				return tls.Certificate{}, fmt.Errorf("make the hub's certificate: %w", err)
			}
		}
	}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return cert, fmt.Errorf("read the hub's certificate: %w", err)
	}
	return cert, nil
}

// CopyCertificate copies the certificate of one data folder to another that has none.
func CopyCertificate(from, to string) error {
	if _, err := os.Stat(filepath.Join(to, fileCert)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range []string{fileKey, fileCert} {
		raw, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), raw, 0o600)
		}
		if err != nil {
			return fmt.Errorf("copy the hub's certificate: %w", err)
		}
	}
	return nil
}

func makeCertificate(certFile, keyFile string, hosts []string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "zw110hub"}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(certLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else if h != "" {
			tmpl.DNSNames = append(tmpl.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	// The key first: a certificate without its key would be found at the next start and not be made again.
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

// Pin returns what desks pin of a certificate: the SHA-256 of its public key's description.
func Pin(cert tls.Certificate) ([]byte, error) {
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("read the hub's certificate: %w", err)
	}
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return sum[:], nil
}

// serverTLS is TLS 1.3 only, or 1.2 where a trusted proxy stands before the hub.
func serverTLS(cert tls.Certificate, relay bool) *tls.Config {
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}
	if relay {
		c.MinVersion = tls.VersionTLS12
	}
	return c
}
