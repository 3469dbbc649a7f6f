#include "lint.h"

#include "document.h"
#include "scope.h"

#include <regex.h>
#include <string.h>

enum { FHIR_NAMES_MAX = 94 };	/* characters of vault name and key name together */

/* Kinds of services and how their resource ids end; the resource types are those of Azure Resource Manager. */
static const struct {
	const char *kind, *type;
} services[] = {
	{ "fhir", "fhirservices" },
	{ "dicom", "dicomservices" },
};

/* Ids are compared without case, as Azure Resource Manager does. */
#define ID_START "^/subscriptions/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}" \
	"/resourcegroups/[-a-z0-9_.()]{1,90}/providers/microsoft[.]healthcareapis/workspaces/[a-z0-9-]{3,24}/"
#define ID_END "/[a-z0-9-]{3,24}$"

/* Whether the file has the member ${name} in the object ${object}, good or bad. */
static bool
has(const struct document *document, const char *object, const char *name)
{
	return json_object_get(json_object_get(document_root(document), object), name) != NULL;
}

/* RSA has bits, EC has a curve, and neither has the other. */
static void
check_shape(struct document *document, struct policy_draft *draft)
{
	struct key_shape *shape = &draft->policy.key.shape;
	bool rsa = shape->family == KEY_RSA;
	const char *wanted = rsa ? "bits" : "curve", *other = rsa ? "curve" : "bits";

	if (shape->family == 0)
		return;
	if (!has(document, "key", wanted))
		document_problem(document, "/key", "\"%s\" is missing; an %s key needs it: %s", wanted, rsa ? "RSA" : "EC",
		    rsa ? "2048, 3072 or 4096" : "\"P-256\", \"P-384\" or \"P-521\"");
	if (has(document, "key", other))
		document_problem(document, rsa ? "/key/curve" : "/key/bits",
		    "an %s key has no \"%s\"; remove it, or change \"type\"", rsa ? "RSA" : "EC", other);
	shape->bits = rsa ? draft->rsa_bits : (unsigned)draft->curve_bits;
}

/* The health services keep their data in Azure SQL, whose encryption takes RSA keys of two sizes. */
static void
check_services_shape(struct document *document, const struct policy_draft *draft)
{
	const struct key_shape *shape = &draft->policy.key.shape;
	bool fits = shape->family == KEY_RSA && (shape->bits == 2048 || shape->bits == 3072);
	char text[KEY_SHAPE_TEXT];

	if (draft->policy.service_count == 0 || shape->bits == 0 || fits)
		return;
	document_problem(document, shape->family == KEY_RSA ? "/key/bits" : "/key/type",
	    "the key is %s, but FHIR and DICOM services take only RSA keys of 2048 or 3072 bits, since the store "
	    "below them does; change the key, or give it a policy without services", keyshape_print(*shape, text));
}

/* What becomes of a key that can leave the HSM no more has to be said aloud. */
static void
check_recovery(struct document *document, struct policy_draft *draft)
{
	struct policy *policy = &draft->policy;

	if (has(document, "key", "recovery") || policy->key.after_import == 0)
		return;
	if (policy->key.after_import == POLICY_KEEP)
		policy->key.recovery = POLICY_RECOVERY_NONE;
	else
		document_problem(document, "/key", "\"recovery\" is missing; with \"after_import\": \"%s\" the policy must say what "
		    "helps if the vault loses the key: \"none\" is all that this version can do",
		    policy_after_import_name(policy->key.after_import));
}

static void
check_kek(struct document *document, const struct policy *policy)
{
	if (policy->vault.key_name == NULL || policy->vault.kek.name == NULL)
		return;
	if (strcasecmp(policy->vault.key_name, policy->vault.kek.name) == 0)
		document_problem(document, "/vault/kek/name", "\"%s\" is also the \"key_name\" (vaults do not tell upper from lower "
		    "case); the key exchange key must be a key of its own, since it may do nothing but import",
		    policy->vault.kek.name);
}

/* A FHIR service takes no longer names. */
static void
check_names_length(struct document *document, const struct policy *policy)
{
	size_t vault, key;

	if (policy->vault.url == NULL || policy->vault.key_name == NULL)
		return;
	vault = strcspn(policy->vault.url + strlen("https://"), ".");
	key = strlen(policy->vault.key_name);
	for (size_t i = 0; i < policy->service_count; i++) {
		const char *kind = policy->services[i].kind;
		if (kind == NULL || strcmp(kind, "fhir") != 0 || vault + key <= FHIR_NAMES_MAX)
			continue;
		document_problem(document, "/vault/key_name", "vault name (%zu) and key name (%zu) have %zu characters; a FHIR service "
		    "takes at most %d: shorten the key name to %zu", vault, key, vault + key, FHIR_NAMES_MAX,
		    FHIR_NAMES_MAX - vault);
		return;
	}
}

/* The pattern gave it its shape; what remains is its length. */
static void
check_rotate(struct document *document, struct policy *policy)
{
	const char *text = policy->rotate.every_text;
	struct fault fault;

	if (text == NULL)
		return;
	policy->rotate.scheduled = true;
	if (!duration_parse(text, &policy->rotate.every, &fault))
		document_problem(document, "/rotate/every", "\"every\" is \"%s\", which cannot be used: %s", text, fault.text);
	else if (policy->rotate.every.months == 0 && policy->rotate.every.ms == 0)
		document_problem(document, "/rotate/every", "\"every\" is \"%s\"; it must be longer than nothing, such as \"P90D\"; to "
		    "rotate by hand only, leave out \"rotate\"", text);
}

/* Whether ${id} is the resource id of a service of this type. */
static bool
is_id_of(const char *id, const char *type)
{
	regex_t regex;
	bool result;

	SCOPE(free) char *pattern = NULL;
	if (asprintf(&pattern, "%s%s%s", ID_START, type, ID_END) < 0) {
		pattern = NULL;
		return false;
	}
	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0)
		return false;
	result = regexec(&regex, id, 0, NULL, 0) == 0;
	regfree(&regex);
	return result;
}

/* The parts of an id that somebody chose, by the segment before them, and the rule that each breaks if it does. */
static const struct id_part {
	const char *before, *pattern, *rule;
} id_parts[] = {
	{ "/resourcegroups/", "^[-a-z0-9_.()]{1,90}(/|$)",
	    "the name of a resource group has 1 to 90 letters, digits, hyphens, underscores, periods and parentheses" },
	{ "/workspaces/", "^[a-z0-9-]{3,24}(/|$)", "the name of a workspace has 3 to 24 letters, digits and hyphens" },
	{ "/fhirservices/", "^[a-z0-9-]{3,24}$", "the name of a service has 3 to 24 letters, digits and hyphens" },
	{ "/dicomservices/", "^[a-z0-9-]{3,24}$", "the name of a service has 3 to 24 letters, digits and hyphens" },
};

/* The rule that a name in ${id} breaks, or NULL if it is the form that is wrong. */
static const char *
broken_rule(const char *id)
{
	for (size_t i = 0; i < sizeof id_parts / sizeof id_parts[0]; i++) {
		const char *start = strcasestr(id, id_parts[i].before);
		regex_t regex;
		int found;

		if (start == NULL || regcomp(&regex, id_parts[i].pattern, REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0)
			continue;
		found = regexec(&regex, start + strlen(id_parts[i].before), 0, NULL, 0);
		regfree(&regex);
		if (found != 0)
			return id_parts[i].rule;
	}
	return NULL;
}

static void
check_id(struct document *document, const struct policy_service *service, size_t index)
{
	const char *rule = broken_rule(service->id);
	char pointer[48];

	snprintf(pointer, sizeof pointer, "/services/%zu/id", index);
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		if (strcmp(services[i].kind, service->kind) != 0 || is_id_of(service->id, services[i].type))
			continue;
		document_problem(document, pointer, "\"id\" is \"%s\"; for the kind \"%s\" it must be /subscriptions/GUID/resourceGroups/GROUP/"
		    "providers/Microsoft.HealthcareApis/workspaces/WORKSPACE/%s/NAME%s%s", service->id,
		    service->kind, services[i].type, rule != NULL ? "; " : "", rule != NULL ? rule : "");
	}
}

/* Service by service: the id fits the kind, and none stands twice. */
static void
check_services(struct document *document, const struct policy *policy)
{
	const struct policy_service *list = policy->services;
	char pointer[48];

	for (size_t i = 0; i < policy->service_count; i++) {
		if (list[i].id == NULL)
			continue;
		if (list[i].kind != NULL)
			check_id(document, &list[i], i);
		for (size_t j = 0; j < i; j++) {
			if (list[j].id == NULL || strcasecmp(list[i].id, list[j].id) != 0)
				continue;
			snprintf(pointer, sizeof pointer, "/services/%zu/id", i);
			document_problem(document, pointer, "the same service as /services/%zu; name each once", j);
			break;
		}
	}
}

void
lint_check(struct document *document, struct policy_draft *draft)
{
	check_shape(document, draft);
	check_services_shape(document, draft);
	check_recovery(document, draft);
	check_kek(document, &draft->policy);
	check_names_length(document, &draft->policy);
	check_rotate(document, &draft->policy);
	check_services(document, &draft->policy);
}
