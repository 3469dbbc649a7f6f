#ifndef CLOUDS_H
#define CLOUDS_H

#include <stddef.h>

/*
 * The endpoints of Azure's clouds (Microsoft Entra authentication in national clouds; Key Vault, about keys, secrets and
 * certificates). Each can be overridden by a member of the settings.
 */

struct cloud {
	const char *name;		/* as az cloud list prints it */
	const char *authority;
	const char *arm_url, *arm_scope;
	const char *vault_suffix, *managed_hsm_suffix;
	const char *health_suffix;	/* NULL: Azure Health Data Services are not there */
	const char *dicom_audience;	/* NULL: not documented there; the service's own URL is taken */
};

/** The cloud named ${name}, or NULL. */
const struct cloud *cloud_find(const char *name);

/** Row ${index}, NULL after the last. */
const struct cloud *cloud_at(size_t index);

#endif
