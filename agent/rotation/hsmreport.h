#ifndef HSMREPORT_H
#define HSMREPORT_H

#include "finding.h"
#include "hsm.h"
#include "policy.h"

/** Turn what a token can do into findings: whether ${policy} can be served by it. */
void hsmreport_judge(const struct hsm_report *report, const char *subject,
    const struct policy *policy, struct findings *findings);

/** The document of `hsm check`; see commands.h. NULL without memory. */
json_t *hsmreport_document(const struct hsm_report *report);

#endif
