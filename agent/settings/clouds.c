#include "clouds.h"

#include <string.h>

static const struct cloud clouds[] = {
	{
		.name = "AzureCloud",
		.authority = "https://login.microsoftonline.com",
		.arm_url = "https://management.azure.com",
		.arm_scope = "https://management.azure.com/.default",
		.vault_suffix = ".vault.azure.net",
		.managed_hsm_suffix = ".managedhsm.azure.net",
		.health_suffix = ".azurehealthcareapis.com",
		.dicom_audience = "https://dicom.healthcareapis.azure.com",
	},
	{
		.name = "AzureUSGovernment",
		.authority = "https://login.microsoftonline.us",
		.arm_url = "https://management.usgovcloudapi.net",
		.arm_scope = "https://management.core.usgovcloudapi.net/.default",
		.vault_suffix = ".vault.usgovcloudapi.net",
		.managed_hsm_suffix = ".managedhsm.usgovcloudapi.net",
		.health_suffix = ".azurehealthcareapis.us",
	},
	{
		.name = "AzureChinaCloud",
		.authority = "https://login.partner.microsoftonline.cn",
		.arm_url = "https://management.chinacloudapi.cn",
		.arm_scope = "https://management.core.chinacloudapi.cn/.default",
		.vault_suffix = ".vault.azure.cn",
		.managed_hsm_suffix = ".managedhsm.azure.cn",
	},
};

const struct cloud *
cloud_at(size_t index)
{
	return index < sizeof clouds / sizeof clouds[0] ? &clouds[index] : NULL;
}

const struct cloud *
cloud_find(const char *name)
{
	for (size_t i = 0; i < sizeof clouds / sizeof clouds[0]; i++)
		if (strcmp(clouds[i].name, name) == 0)
			return &clouds[i];
	return NULL;
}
