#include "policy.h"

#include "document.h"
#include "encode.h"
#include "lint.h"
#include "problems.h"
#include "rules.h"
#include "scope.h"
#include "tokenpattern.h"

#include <assert.h>
#include <string.h>

static_assert(offsetof(struct policy_draft, policy) == 0, "the rules below clear a policy as well as a draft");

#define AT(member) offsetof(struct policy_draft, policy.member)

/* The patterns are those of policy.schema.json; tests/unit/policies/agree.py holds the two together. */
#define POLICY_NAME "^[a-z0-9][a-z0-9-]{0,62}$"
#define KEY_NAME "^[A-Za-z0-9-]{1,127}$"
#define VAULT_URL "^https://[a-z][a-z0-9-]{1,22}[a-z0-9][.](vault|managedhsm)([.][a-z0-9-]{1,63})+(:[0-9]{1,5})?$"

/* RFC 3339, appendix A. */
#define DURATION_TIME "T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S)"
#define DURATION_DATE "([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)"
#define DURATION "^P([0-9]+W|" DURATION_DATE "(" DURATION_TIME ")?|" DURATION_TIME ")$"

static const struct rule_choice families[] = {
	{ .name = "RSA", .value = KEY_RSA },
	{ .name = "EC", .value = KEY_EC },
	{ .name = NULL },
};

static const struct rule_choice curves[] = {
	{ .name = "P-256", .value = 256 },
	{ .name = "P-384", .value = 384 },
	{ .name = "P-521", .value = 521 },
	{ .name = NULL },
};

static const struct rule_choice after_imports[] = {
	{ .name = "seal", .value = POLICY_SEAL },
	{ .name = "keep", .value = POLICY_KEEP },
	{ .name = "destroy", .value = POLICY_DESTROY },
	{ .name = NULL },
};

#define ONLY_NONE "this version takes no recovery copies and must not be believed to: write \"none\", and know that " \
	"the vault then holds the only usable copy"

static const struct rule_choice recoveries[] = {
	{ .name = "none", .value = POLICY_RECOVERY_NONE },
	{ .name = "vault-backup", .value = POLICY_RECOVERY_VAULT_BACKUP, .refused = ONLY_NONE },
	{ .name = "hsm-backup", .value = POLICY_RECOVERY_HSM_BACKUP, .refused = ONLY_NONE },
	{ .name = NULL },
};

/* The schema wants a word here, so that a policy says aloud what happens to previous versions. */
static const struct rule_choice keeps[] = {
	{ .name = "enabled", .value = 1 },
	{ .name = NULL },
};

static const unsigned rsa_sizes[] = { 2048, 3072, 4096, 0 };

static const struct rule key_rules[] = {
	{ .name = "type", .kind = RULE_CHOICE, .required = true, .offset = AT(key.shape.family), .choices = families,
	    .right = "\"RSA\" or \"EC\"" },
	{ .name = "bits", .kind = RULE_NUMBER, .offset = offsetof(struct policy_draft, rsa_bits), .numbers = rsa_sizes,
	    .right = "2048, 3072 or 4096" },
	{ .name = "curve", .kind = RULE_CHOICE, .offset = offsetof(struct policy_draft, curve_bits), .choices = curves,
	    .right = "\"P-256\", \"P-384\" or \"P-521\"" },
	{ .name = "token", .kind = RULE_TEXT, .required = true, .quiet = true, .offset = AT(key.token), .max = 1000,
	    .pattern = TOKENPATTERN,
	    .right = "a PKCS #11 URI that names a token, such as \"pkcs11:token=hospital\", by token, manufacturer, serial, "
		"model or slot-id, and nothing else: module and PIN belong into the settings" },
	{ .name = "after_import", .kind = RULE_CHOICE, .required = true, .offset = AT(key.after_import),
	    .choices = after_imports,
	    .right = "\"seal\", \"keep\" or \"destroy\"; there is no default, because none is safe: a key that is sealed or "
		"destroyed can never be taken to a second vault, one that is kept stays extractable" },
	{ .name = "recovery", .kind = RULE_CHOICE, .offset = AT(key.recovery), .choices = recoveries,
	    .right = "\"none\", the only one that this version can do" },
};
static const struct rules key_members = RULES(key_rules);

static const struct rule kek_rules[] = {
	{ .name = "name", .kind = RULE_TEXT, .required = true, .offset = AT(vault.kek.name), .pattern = KEY_NAME,
	    .right = "1 to 127 letters, digits and hyphens: the key exchange key's name in the vault" },
	{ .name = "bits", .kind = RULE_NUMBER, .offset = AT(vault.kek.bits), .numbers = rsa_sizes,
	    .right = "2048, 3072 or 4096" },
	{ .name = "create", .kind = RULE_BOOLEAN, .offset = AT(vault.kek.create),
	    .right = "true or false: whether keyturn may create it" },
};
static const struct rules kek_members = RULES(kek_rules);

static const struct rule vault_rules[] = {
	{ .name = "url", .kind = RULE_TEXT, .required = true, .offset = AT(vault.url), .max = 300, .pattern = VAULT_URL,
	    .never = "--|[.]-|-[.:]|-$",
	    .right = "https://NAME.vault.SUFFIX or https://NAME.managedhsm.SUFFIX in lower case, with nothing after the host, such as "
		"\"https://hospital.vault.azure.net\"; NAME has 3 to 24 letters, digits and single hyphens and starts "
		"with a letter" },
	{ .name = "key_name", .kind = RULE_TEXT, .required = true, .offset = AT(vault.key_name), .pattern = KEY_NAME,
	    .right = "1 to 127 letters, digits and hyphens: the key's name in the vault" },
	{ .name = "kek", .kind = RULE_OBJECT, .required = true, .members = &kek_members,
	    .right = "an object that names the key exchange key, such as { \"name\": \"keyturn-kek\" }" },
};
static const struct rules vault_members = RULES(vault_rules);

#define NOT_YET(what) "keyturn has no " what " yet, and a policy that has must not be taken as obeyed; remove it"

static const struct rule rotate_rules[] = {
	{ .name = "every", .kind = RULE_TEXT, .required = true, .offset = AT(rotate.every_text), .max = 40,
	    .pattern = DURATION,
	    .right = "an ISO 8601 duration longer than nothing, such as \"P90D\", \"P6M\" or \"P1Y\"; to rotate by hand only, leave "
		"out \"rotate\"" },
	{ .name = "window", .kind = RULE_REFUSED, .right = NOT_YET("windows") },
	{ .name = "jitter", .kind = RULE_REFUSED, .right = NOT_YET("jitter") },
	{ .name = "blackouts", .kind = RULE_REFUSED, .right = NOT_YET("blackouts") },
	{ .name = "not_before", .kind = RULE_REFUSED, .right = NOT_YET("earliest date") },
};
static const struct rules rotate_members = RULES(rotate_rules);

static const struct rule previous_rules[] = {
	{ .name = "keep", .kind = RULE_CHOICE, .offset = offsetof(struct policy_draft, keep), .choices = keeps,
	    .right = "\"enabled\": data written under an earlier version can only be read while that version is enabled" },
	{ .name = "repair", .kind = RULE_BOOLEAN, .offset = AT(repair_previous),
	    .right = "true or false: whether keyturn may enable an earlier version that somebody disabled" },
};
static const struct rules previous_members = RULES(previous_rules);

static const struct rule service_rules[] = {
	{ .name = "kind", .kind = RULE_TEXT, .required = true, .offset = offsetof(struct policy_service, kind),
	    .pattern = "^(fhir|dicom)$", .right = "\"fhir\" or \"dicom\"" },
	{ .name = "id", .kind = RULE_TEXT, .required = true, .offset = offsetof(struct policy_service, id), .max = 500,
	    .pattern = "^/",
	    .right = "the service's resource id in Azure Resource Manager, /subscriptions/.../providers/..." },
	{ .name = "enable_cmk", .kind = RULE_BOOLEAN, .offset = offsetof(struct policy_service, enable_cmk),
	    .right = "true or false: whether a service without a customer-managed key is given its first" },
	{ .name = "probe", .kind = RULE_BOOLEAN, .offset = offsetof(struct policy_service, probe),
	    .right = "true or false: whether the service's data is queried before and after" },
};
static const struct policy_service new_service = { .probe = true };
static const struct rules service_members = RULES_OF(service_rules, new_service);

static const struct rule policy_rules[] = {
	{ .name = "$schema", .kind = RULE_IGNORED, .right = "the place of policy.schema.json, for editors" },
	{ .name = "name", .kind = RULE_TEXT, .required = true, .offset = AT(name), .pattern = POLICY_NAME,
	    .right = "1 to 63 lower-case letters, digits and hyphens, such as \"radiology-cmk\", and not start with a hyphen" },
	{ .name = "description", .kind = RULE_TEXT, .offset = AT(description), .max = 1000,
	    .right = "a text of at most 1000 characters on one line" },
	{ .name = "key", .kind = RULE_OBJECT, .required = true, .members = &key_members,
	    .right = "an object that says what key the HSM makes" },
	{ .name = "vault", .kind = RULE_OBJECT, .required = true, .members = &vault_members,
	    .right = "an object that says where the key goes" },
	{ .name = "rotate", .kind = RULE_OBJECT, .members = &rotate_members,
	    .right = "an object such as { \"every\": \"P90D\" }" },
	{ .name = "previous_versions", .kind = RULE_OBJECT, .members = &previous_members,
	    .right = "an object such as { \"keep\": \"enabled\" }" },
	{ .name = "services", .kind = RULE_LIST, .offset = AT(services), .count_offset = AT(service_count),
	    .members = &service_members, .right = "a list of objects such as { \"kind\": \"fhir\", \"id\": \"/subscriptions/...\" }",
	    .each = "an object such as { \"kind\": \"fhir\", \"id\": \"/subscriptions/...\" }" },
};
static const struct rules policy_members = RULES(policy_rules);

/* Turn a good draft into a policy on the heap, which then owns what the draft did. */
static bool
keep_draft(const struct policy_draft *draft, const struct document_text *source, struct policy **ret_policy,
    struct fault *fault)
{
	SCOPE(free) struct policy *policy = malloc(sizeof *policy);
	SCOPE(free) char *file = strdup(source->file);
	uint8_t digest[DIGEST_SIZE];

	if (policy == NULL || file == NULL)
		return fault_system(fault, "Read %s", source->file);
	if (!digest_sha256(source->text, source->size, digest, fault))
		return false;
	*policy = draft->policy;
	encode_hex(digest, sizeof digest, policy->sha256);
	policy->file = scope_move(file);
	*ret_policy = scope_move(policy);
	return true;
}

bool
policy_parse(const char *file, const char *text, size_t size, struct policy **ret_policy, struct problems *problems,
    struct fault *fault)
{
	struct document_text source = { file, text, size };
	struct policy_draft draft = { .policy.vault.kek.bits = 4096 };
	SCOPE(document) struct document *document = NULL;

	if (!document_parse(&source, problems, &document, fault))
		return false;

	/* Each member by its row, then what ties them together. */
	rules_read(&policy_members, document, &draft);
	lint_check(document, &draft);
	if (document_finish(document, FAULT_DATA, fault) && keep_draft(&draft, &source, ret_policy, fault))
		return true;
	rules_clear(&policy_members, &draft);
	return false;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	rules_clear(&policy_members, policy);
	free(policy->file);
	free(policy);
}

const char *
policy_after_import_name(enum policy_after_import value)
{
	return rules_choice_name(after_imports, (int)value);
}

const char *
policy_recovery_name(enum policy_recovery value)
{
	return rules_choice_name(recoveries, (int)value);
}
