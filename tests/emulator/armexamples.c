#include "armexamples.h"

#include <stdio.h>
#include <stdlib.h>

/* The same in all three, as in the published examples. */
#define CORS "\"corsConfiguration\": {\"origins\": [\"*\"], \"headers\": [\"*\"], \"methods\": [\"DELETE\", \"GET\", \"OPTIONS\", \"PATCH\", \"POST\", \"PUT\"]," \
	" \"maxAge\": 1440, \"allowCredentials\": false}"
#define REGISTRY "\"acrConfiguration\": {\"loginServers\": [\"hospital.azurecr.io\"], \"ociArtifacts\": [{\"loginServer\": \"hospital.azurecr.io\"," \
	" \"imageName\": \"templates\", \"digest\": \"sha256:0a2e01852872580b2c2fea9380ff8d7b637d3928783c55beb3f21a6e58d5d108\"}]}"

const struct armexamples_service ARMEXAMPLES_FHIR = {
	.type = "Microsoft.HealthcareApis/workspaces/fhirservices",
	.kind = "fhir-R4",
	.properties = "{" REGISTRY ", " CORS ","
	    "\"authenticationConfiguration\": {\"smartProxyEnabled\": true, \"smartIdentityProviders\": ["
	    " {\"authority\": \"https://login.b2clogin.com/11111111-1111-1111-1111-111111111111/v2.0\", \"applications\": ["
	    "  {\"clientId\": \"22222222-2222-2222-2222-222222222222\", \"audience\": \"22222222-2222-2222-2222-222222222222\","
	    "   \"allowedDataActions\": [\"Read\"]}]}]},"
	    "\"exportConfiguration\": {\"storageAccountName\": \"hospitalexports\"},"
	    "\"importConfiguration\": {\"enabled\": false, \"initialImportMode\": false, \"integrationDataStore\": \"hospitalimports\"},"
	    "\"implementationGuidesConfiguration\": {\"usCoreMissingData\": true},"
	    "\"resourceVersionPolicyConfiguration\": {\"default\": \"versioned\", \"resourceTypeOverrides\": {\"Patient\": \"versioned-update\","
	    " \"Observation\": \"no-version\"}},"
	    "\"publicNetworkAccess\": \"Enabled\", \"eventState\": \"Disabled\"}",
	.records = "["
	    "{\"resourceType\": \"Patient\", \"id\": \"p1\", \"gender\": \"female\", \"birthDate\": \"1967-02-11\", \"name\": [{\"family\": \"Ahrens\", \"given\": [\"Jette\"]}]},"
	    "{\"resourceType\": \"Patient\", \"id\": \"p2\", \"gender\": \"male\", \"birthDate\": \"1982-09-30\", \"name\": [{\"family\": \"Brandt\", \"given\": [\"Ole\"]}]},"
	    "{\"resourceType\": \"Patient\", \"id\": \"p3\", \"gender\": \"other\", \"birthDate\": \"2001-12-24\", \"name\": [{\"family\": \"Conradi\", \"given\": [\"Kim\"]}]},"
	    "{\"resourceType\": \"Observation\", \"id\": \"o1\", \"status\": \"final\", \"code\": {\"text\": \"Heart rate\"}, \"subject\": {\"reference\": \"Patient/p1\"},"
	    " \"valueQuantity\": {\"value\": 71, \"unit\": \"1/min\"}}]",
};

/* One study as a search answers it (DICOM JSON model). */
#define STUDY(uid, patient, name, date) \
	"{\"0020000D\": {\"vr\": \"UI\", \"Value\": [\"" uid "\"]}, \"00100020\": {\"vr\": \"LO\", \"Value\": [\"" patient "\"]}," \
	" \"00100010\": {\"vr\": \"PN\", \"Value\": [{\"Alphabetic\": \"" name "\"}]}, \"00080020\": {\"vr\": \"DA\", \"Value\": [\"" date "\"]}}"

const struct armexamples_service ARMEXAMPLES_DICOM = {
	.type = "Microsoft.HealthcareApis/workspaces/dicomservices",
	.properties = "{" CORS ","
	    "\"storageConfiguration\": {\"storageResourceId\": \"/subscriptions/ab309d4e-4c2e-4241-be2e-08e1c8dd4246/resourceGroups/rgname/providers/"
	    "Microsoft.Storage/storageAccounts/accountname\", \"fileSystemName\": \"filesystemname\"},"
	    "\"enableDataPartitions\": false, \"publicNetworkAccess\": \"Enabled\", \"eventState\": \"Disabled\"}",
	.records = "["
	    STUDY("1.2.826.0.1.3680043.8.498.1", "p1", "Ahrens^Jette", "20240311") ","
	    STUDY("1.2.826.0.1.3680043.8.498.2", "p2", "Brandt^Ole", "20240419") ","
	    STUDY("1.2.826.0.1.3680043.8.498.3", "p3", "Conradi^Kim", "20240702") "]",
};

const struct armexamples_service ARMEXAMPLES_LEGACY = {
	.type = "Microsoft.HealthcareApis/services",
	.kind = "fhir-R4",
	.properties = "{" REGISTRY ", " CORS ","
	    "\"accessPolicies\": [{\"objectId\": \"c487e7d1-3210-41a3-8ccc-e9372b78da47\"}],"
	    "\"cosmosDbConfiguration\": {\"offerThroughput\": 1000},"
	    "\"authenticationConfiguration\": {\"smartProxyEnabled\": true},"
	    "\"exportConfiguration\": {\"storageAccountName\": \"hospitalexports\"},"
	    "\"importConfiguration\": {\"enabled\": false, \"initialImportMode\": false, \"integrationDataStore\": \"hospitalimports\"},"
	    "\"publicNetworkAccess\": \"Enabled\"}",
	.records = "["
	    "{\"resourceType\": \"Patient\", \"id\": \"q1\", \"gender\": \"male\", \"birthDate\": \"1955-05-05\"},"
	    "{\"resourceType\": \"Patient\", \"id\": \"q2\", \"gender\": \"female\", \"birthDate\": \"1990-08-17\"}]",
};

json_t *
armexamples_parse(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (json == NULL) {
		(void)fprintf(stderr, "azure-emulator: an example does not parse: %s\n", error.text);
		abort();
	}
	return json;
}
