#include "hsmreport.h"

static const char *const verdict_names[] = {
	[HSM_WRAP_UNTRIED] = "untried",
	[HSM_WRAP_EXACT] = "exact",
	[HSM_WRAP_ZERO_PADDED] = "zero-padded",
	[HSM_WRAP_REFUSED] = "refused",
	[HSM_WRAP_WRONG] = "wrong",
};

static void
judge_route(const struct hsm_report *report, const char *subject, struct findings *findings)
{
	if (report->chosen == HSM_ROUTE_NONE)
		finding_add(findings, FINDING_PROBLEM, subject, "keyturn hsm check tells what came "
		    "of each route", "No wrap route of this token passed the preflight, so no key "
		    "can leave it the way Key Vault wants it");
	else if (report->routes[report->chosen].verdict == HSM_WRAP_ZERO_PADDED)
		finding_add(findings, FINDING_WARNING, subject, "", "Keys will leave by %s over a "
		    "zero-padded PKCS #8, as the token's settings accept; what Azure makes of the "
		    "padding is not known", hsm_route_name(report->chosen));
	else
		finding_add(findings, FINDING_OK, subject, "", "Keys will leave by %s, proved exact "
		    "by the preflight", hsm_route_name(report->chosen));
}

void
hsmreport_judge(const struct hsm_report *report, const char *subject,
    const struct policy *policy, struct findings *findings)
{
	finding_add(findings, FINDING_OK, subject, "", "Token '%s' (%s %s, firmware %s, serial %s) "
	    "answers", report->token.label, report->token.manufacturer, report->token.model,
	    report->token.firmware, report->token.serial);
	judge_route(report, subject, findings);
	if (!report->attributes_kept)
		finding_add(findings, FINDING_PROBLEM, subject, "", "The token does not give keys "
		    "the attributes that are asked for: %s", report->attributes_reason);
	if (report->seal_works)
		finding_add(findings, FINDING_OK, subject, "", "A sealed key can no longer be "
		    "wrapped");
	else
		finding_add(findings, policy->key.after_import == POLICY_SEAL ? FINDING_PROBLEM :
		    FINDING_WARNING, subject, "", "Sealing does not hold on this token: %s",
		    report->seal_reason);
}

json_t *
hsmreport_document(const struct hsm_report *report)
{
	const struct hsm_token *token = &report->token;
	json_t *routes = json_array();
	bool usable = report->chosen != HSM_ROUTE_NONE && report->attributes_kept;

	for (enum hsm_route route = HSM_ROUTE_RSA_AES_KEY_WRAP; route <= HSM_ROUTE_PAD; route++)
		json_array_append_new(routes, json_pack("{s:s,s:s,s:s}", "route",
		    hsm_route_name(route), "verdict",
		    verdict_names[report->routes[route].verdict], "reason",
		    report->routes[route].reason));
	return json_pack("{s:{s:s,s:s,s:s,s:s,s:s,s:s},s:b,s:s?,s:o,s:b,s:b,s:s,s:b,s:s,s:i,s:i}",
	    "token", "label", token->label, "manufacturer", token->manufacturer, "model",
	    token->model, "serial", token->serial, "firmware", token->firmware, "module",
	    token->module, "usable", usable, "route", report->chosen == HSM_ROUTE_NONE ? NULL :
	    hsm_route_name(report->chosen), "routes", routes, "accept_zero_padded",
	    report->accept_zero_padded, "seal", report->seal_works, "seal_reason",
	    report->seal_reason, "attributes", report->attributes_kept, "attributes_reason",
	    report->attributes_reason, "key_pairs", (int)report->key_pairs, "enrolled_keks",
	    (int)report->enrolled);
}
