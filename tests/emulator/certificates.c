#include "certificates.h"

#include "bytes.h"
#include "release.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Every family of host names. Node refuses a wildcard right under a top-level label, so the own
 * names have two labels below it.
 */
static const char NAMES[] =
    "DNS:localhost,DNS:control.localhost,DNS:login.localhost,DNS:management.localhost,DNS:*.vault.localhost,DNS:*.fhir.localhost,"
    "DNS:*.dicom.localhost,DNS:*.azurehealthcareapis.localhost,DNS:graph.localhost,"
    "DNS:login.microsoftonline.com,DNS:login.windows.net,DNS:login.microsoft.com,DNS:sts.windows.net,DNS:management.azure.com,"
    "DNS:graph.microsoft.com,DNS:*.vault.azure.net,DNS:*.fhir.azurehealthcareapis.com,DNS:*.dicom.azurehealthcareapis.com,"
    "DNS:*.azurehealthcareapis.com,IP:127.0.0.1";

/* Long enough for any test that turns the clock. */
enum { LIFETIME_DAYS = 3650 };

/* One extension, as openssl.cnf would spell it. */
struct extension {
	int nid;
	const char *value;
};

/* Issuer and subject of one certificate to make. */
struct order {
	const char *common_name;
	EVP_PKEY *subject_key, *issuer_key;
	X509 *issuer;			/* NULL: itself */
	struct extension extensions[6];	/* ended by a NULL value */
};

static bool
add_extensions(X509 *certificate, const struct order *order)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, order->issuer != NULL ? order->issuer : certificate, certificate, NULL, NULL, 0);
	for (const struct extension *e = order->extensions; e->value != NULL; e++) {
		X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, e->nid, e->value);
		bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

		X509_EXTENSION_free(extension);
		if (!added)
			return false;
	}
	return true;
}

/* Set the serial number, the times (from yesterday on, for clocks that lag) and the name. */
static bool
fill(X509 *certificate, const struct order *order)
{
	RELEASE(bn) BIGNUM *serial = BN_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	return serial != NULL && BN_rand(serial, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
	    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) != NULL &&
	    X509_set_version(certificate, X509_VERSION_3) == 1 &&
	    X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, NULL) != NULL &&
	    X509_time_adj_ex(X509_getm_notAfter(certificate), LIFETIME_DAYS, 0, NULL) != NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)order->common_name,
	    -1, -1, 0) == 1 &&
	    X509_set_issuer_name(certificate, order->issuer != NULL ?
	    X509_get_subject_name(order->issuer) : name) == 1 &&
	    X509_set_pubkey(certificate, order->subject_key) == 1;
}

static X509 *
issue(const struct order *order)
{
	X509 *certificate = X509_new();

	if (certificate != NULL && fill(certificate, order) && add_extensions(certificate, order) &&
	    X509_sign(certificate, order->issuer_key, EVP_sha256()) > 0)
		return certificate;
	X509_free(certificate);
	return NULL;
}

/* The text that a PEM writer left in a memory BIO. */
static char *
bio_text(BIO *bio)
{
	char *text = NULL;
	long size = BIO_get_mem_data(bio, &text);

	return text_part(text, (size_t)size);
}

static bool
write_file(const char *path, const char *text, mode_t mode)
{
	RELEASE(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		return true;
	fprintf(stderr, "azure-emulator: write %s: %s\n", path, strerror(errno));
	return false;
}

static char *
read_file(const char *path)
{
	RELEASE(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct bytes text = bytes_new(65536);
	ssize_t size = fd >= 0 ? read(fd, text.data, text.size - 1) : -1;

	if (size > 0)
		return (char *)text.data;
	bytes_release(&text);
	return NULL;
}

/* Make the two key pairs and certificates; fill in the PEM texts. */
static bool
make(const char *address, struct certificates *c, char **ret_ca)
{
	RELEASE(pkey) EVP_PKEY *ca_key = EVP_EC_gen("prime256v1");
	RELEASE(pkey) EVP_PKEY *key = EVP_EC_gen("prime256v1");
	RELEASE(text) char *names = text_format("%s,IP:%s", NAMES, address);
	struct order ca_order = { "azure-emulator test CA", ca_key, ca_key, NULL, {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		    { NID_key_usage, "critical,keyCertSign,cRLSign" },
		{ NID_subject_key_identifier, "hash" }, { 0, NULL } } };
	RELEASE(x509) X509 *ca = ca_key != NULL ? issue(&ca_order) : NULL;
	struct order order = { "azure-emulator", key, ca_key, ca, {
		{ NID_basic_constraints, "critical,CA:FALSE" }, { NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, "serverAuth" }, { NID_authority_key_identifier, "keyid" },
		    { NID_subject_alt_name, names }, { 0, NULL } } };
	RELEASE(x509) X509 *server = ca != NULL && key != NULL ? issue(&order) : NULL;
	RELEASE(bio) BIO *ca_bio = BIO_new(BIO_s_mem());
	RELEASE(bio) BIO *chain_bio = BIO_new(BIO_s_mem());
	RELEASE(bio) BIO *key_bio = BIO_new(BIO_s_mem());

	if (server == NULL || PEM_write_bio_X509(ca_bio, ca) != 1 || PEM_write_bio_X509(chain_bio, server) != 1 ||
	    PEM_write_bio_X509(chain_bio, ca) != 1 ||
	    PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return false;
	*ret_ca = bio_text(ca_bio);
	c->chain = bio_text(chain_bio);
	c->key = bio_text(key_bio);
	return true;
}

bool
certificates_open(const char *dir, const char *address, struct certificates *ret_certificates)
{
	RELEASE(text) char *real = NULL, *chain_file = NULL, *key_file = NULL, *ca = NULL;
	struct certificates c = { NULL, NULL, NULL };

	if ((mkdir(dir, 0700) != 0 && errno != EEXIST) || (real = realpath(dir, NULL)) == NULL) {
		fprintf(stderr, "azure-emulator: TLS folder %s: %s\n", dir, strerror(errno));
		return false;
	}
	c.ca_file = text_format("%s/ca.pem", real);
	chain_file = text_format("%s/server.pem", real);
	key_file = text_format("%s/server-key.pem", real);

	/* A restart keeps what is there, so that clients' CA files stay right. */
	if (access(c.ca_file, R_OK) == 0 && (c.chain = read_file(chain_file)) != NULL &&
	    (c.key = read_file(key_file)) != NULL) {
		*ret_certificates = c;
		return true;
	}
	free(c.chain);
	c.chain = NULL;

	/* The CA comes last: its presence says that the rest is complete. */
	if (!make(address, &c, &ca)) {
		fprintf(stderr, "azure-emulator: cannot make the certificates\n");
		certificates_free(&c);
		return false;
	}
	if (!write_file(chain_file, c.chain, 0644) || !write_file(key_file, c.key, 0600) ||
	    !write_file(c.ca_file, ca, 0644)) {
		certificates_free(&c);
		return false;
	}
	*ret_certificates = c;
	return true;
}

void
certificates_free(struct certificates *c)
{
	free(c->ca_file);
	free(c->chain);
	if (c->key != NULL)
		OPENSSL_cleanse(c->key, strlen(c->key));
	free(c->key);
}
