#include "preflight.h"

#include "generate.h"
#include "softkek.h"
#include "unwrap.h"
#include "utf8.h"
#include "wrap.h"

#include <stdlib.h>
#include <string.h>

/*
 * With these answers the token says that it lacks the route; any other one is a
 * policy or a fault, and ends the search.
 */
static const CK_RV try_next[] = {
	CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD,
	CKR_FUNCTION_NOT_SUPPORTED, CKR_KEY_TYPE_INCONSISTENT,
	CKR_WRAPPING_KEY_TYPE_INCONSISTENT, CKR_DATA_LEN_RANGE, CKR_KEY_SIZE_RANGE,
};

/*
 * RSA PKCS #8 lengths vary by a byte or two: a multiple of 8, which hides
 * padding, is soon followed by another length.
 */
enum { RSA_PROBES = 8 };

struct probe {
	const struct session *session;
	struct generated generated;
	struct pair pair;
};

static bool
lacks_route(CK_RV rv)
{
	for (size_t i = 0; i < sizeof try_next / sizeof try_next[0]; i++)
		if (try_next[i] == rv)
			return true;
	return false;
}

static bool
make_probe(const struct session *session, struct key_shape shape, struct probe **ret_probe,
    CK_RV *reterr_rv, struct fault *fault)
{
	struct generation generation = { NULL, shape };
	struct probe *probe = calloc(1, sizeof *probe);

	*reterr_rv = CKR_OK;
	if (probe == NULL)
		return fault_system(fault, "Memory for a test key");
	probe->session = session;
	bool done = generate_pair(session, &generation, &probe->generated, fault);
	*reterr_rv = probe->generated.rv;
	if (!done || !generate_read_back(session, &generation, &probe->generated, &probe->pair,
	    fault)) {
		preflight_probe_free(probe);
		return false;
	}
	*ret_probe = probe;
	return true;
}

bool
preflight_probe(const struct session *session, struct probe **ret_probe, struct fault *fault)
{
	CK_RV rv;

	if (make_probe(session, (struct key_shape){ KEY_EC, 256 }, ret_probe, &rv, fault))
		return true;
	if (rv != CKR_MECHANISM_INVALID && rv != CKR_CURVE_NOT_SUPPORTED &&
	    rv != CKR_DOMAIN_PARAMS_INVALID)
		return false;
	return make_probe(session, (struct key_shape){ KEY_RSA, 2048 }, ret_probe, &rv, fault);
}

CK_OBJECT_HANDLE
preflight_probe_key(const struct probe *probe)
{
	return probe->generated.private_half;
}

void
preflight_probe_free(struct probe *probe)
{
	if (probe == NULL)
		return;
	struct scratch halves[2] = {
		{ probe->session, probe->generated.private_half },
		{ probe->session, probe->generated.public_half },
	};
	scope_scratch(&halves[0]);
	scope_scratch(&halves[1]);
	free(probe);
}

/*
 * Is the key in the blob the probe, and does its length show padding if there
 * is any?
 */
static enum hsm_wrap_verdict
judge(const struct probe *probe, const struct unwrapped *unwrapped, const char **ret_reason)
{
	*ret_reason = unwrapped->reason;
	if (unwrapped->verdict == HSM_WRAP_WRONG)
		return HSM_WRAP_WRONG;
	*ret_reason = "the key inside is not the one that was wrapped";
	if (!publickey_equal(&unwrapped->public_key, &probe->pair.key.public_key))
		return HSM_WRAP_WRONG;
	*ret_reason = "every test key came out as whole blocks, so padding cannot be judged";
	if (unwrapped->der_size % 8 == 0)
		return HSM_WRAP_UNTRIED;
	return unwrapped->verdict;
}

/* One wrap by one route. True: ${*ret_verdict} and ${reason} say how it went. */
static bool
try_probe(const struct probe *probe, enum hsm_route route, enum hsm_wrap_verdict *ret_verdict,
    char reason[static 256], struct fault *fault)
{
	struct hsm_transfer transfer;
	struct unwrapped unwrapped;
	const struct public_key *kek;
	const char *why;
	struct fault refusal = { .code = FAULT_FAILED };
	EVP_PKEY *private_kek;
	CK_RV rv;

	if (!softkek_get(&kek, &private_kek, fault))
		return false;
	struct wrapping wrapping = { route, probe->generated.private_half, kek };
	if (!wrap_blob(probe->session, &wrapping, &transfer, &rv, &refusal)) {
		*ret_verdict = rv == CKR_OK ? HSM_WRAP_WRONG : HSM_WRAP_REFUSED;
		utf8_copy(reason, 256, refusal.text);
		return rv == CKR_OK || lacks_route(rv) ? true
		    : fault_set(fault, refusal.code, "%s", refusal.text);
	}
	unwrap_blob(private_kek, transfer.blob, transfer.size, &unwrapped);
	*ret_verdict = judge(probe, &unwrapped, &why);
	if (*ret_verdict == HSM_WRAP_ZERO_PADDED)
		snprintf(reason, 256, "RFC 5649 over %zu bytes, of which the last %zu are zeros "
		    "after the PKCS #8; whether Azure takes such a blob is not known",
		    unwrapped.plain_size, unwrapped.plain_size - unwrapped.der_size);
	else
		snprintf(reason, 256, "%s", *ret_verdict == HSM_WRAP_EXACT ? "" : why);
	return true;
}

static bool
try_route(const struct session *session, enum hsm_route route, struct preflight *preflight,
    struct fault *fault)
{
	enum hsm_wrap_verdict verdict = HSM_WRAP_UNTRIED;
	char *reason = preflight->routes[route].reason;
	struct probe *probe;

	for (int i = 0; verdict == HSM_WRAP_UNTRIED && i < RSA_PROBES; i++) {
		if (!preflight_probe(session, &probe, fault))
			return false;
		bool done = try_probe(probe, route, &verdict, reason, fault);
		preflight_probe_free(probe);
		preflight->routes[route].verdict = verdict;
		if (!done)
			return false;
	}
	return true;
}

/*
 * The first exact route; where the settings accept it, else the first
 * zero-padded one.
 */
static void
choose(const struct session *session, struct preflight *preflight)
{
	for (unsigned route = HSM_ROUTE_COUNT; --route > HSM_ROUTE_NONE;) {
		enum hsm_wrap_verdict verdict = preflight->routes[route].verdict;
		bool now_exact = preflight->chosen != HSM_ROUTE_NONE && !preflight->zero_padded;

		if (verdict == HSM_WRAP_EXACT || verdict == HSM_WRAP_ZERO_PADDED ||
		    verdict == HSM_WRAP_WRONG)
			preflight->working = route;
		if (verdict == HSM_WRAP_EXACT || (verdict == HSM_WRAP_ZERO_PADDED &&
		    session->accept_zero_padded && !now_exact)) {
			preflight->chosen = route;
			preflight->zero_padded = verdict == HSM_WRAP_ZERO_PADDED;
		}
	}
}

bool
preflight_run(const struct session *session, struct preflight *ret_preflight,
    struct fault *fault)
{
	struct preflight preflight = { .chosen = HSM_ROUTE_NONE };

	for (unsigned route = HSM_ROUTE_NONE + 1; route < HSM_ROUTE_COUNT; route++) {
		if (!try_route(session, route, &preflight, fault))
			return fault_prefix(fault, "Preflight");
		if (preflight.routes[route].verdict == HSM_WRAP_EXACT)
			break;
	}
	choose(session, &preflight);
	*ret_preflight = preflight;
	return true;
}

bool
preflight_run_all(const struct session *session, struct preflight *ret_preflight,
    struct fault *fault)
{
	struct preflight preflight = { .chosen = HSM_ROUTE_NONE };
	bool stopped = false;

	for (unsigned route = HSM_ROUTE_NONE + 1; !stopped && route < HSM_ROUTE_COUNT;
	    route++) {
		if (try_route(session, route, &preflight, fault))
			continue;

		/*
		 * A refusal is the route's verdict, and a real transfer would
		 * end here too.
		 */
		if (preflight.routes[route].verdict != HSM_WRAP_REFUSED)
			return fault_prefix(fault, "Preflight");
		stopped = true;
	}
	if (!stopped)
		choose(session, &preflight);
	*ret_preflight = preflight;
	return true;
}
