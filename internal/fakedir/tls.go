package fakedir

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// identityCard is a certificate authority of the server's own and the server's
// certificate signed by it. Nothing is written to disk and keys are new at
// each start.
type identityCard struct {
	ca     *x509.Certificate
	server *tls.Config
}

func newIdentityCard(hosts ...string) (*identityCard, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	caCert := certificate(1, "Fake directory CA")
	caCert.IsCA, caCert.BasicConstraintsValid, caCert.KeyUsage = true, true, x509.KeyUsageCertSign
	ca, err := sign(caCert, caCert, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, err
	}
	return serverCard(ca, caKey, hosts)
}

func serverCard(ca *x509.Certificate, caKey *ecdsa.PrivateKey, hosts []string) (*identityCard, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf := certificate(2, hosts[0])
	leaf.DNSNames, leaf.IPAddresses = hosts, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	cert, err := sign(leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return nil, err
	}
	pair := tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
	return &identityCard{ca, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}}, nil
}

func certificate(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

func sign(template, parent *x509.Certificate, pub *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (c *identityCard) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.ca.Raw})
}
