#ifndef ARMROUTES_H
#define ARMROUTES_H

/*
 * The doors of the Resource Manager and health service half, which the server opens by host
 * name.
 */

#include <jansson.h>

struct exchange;
struct world;

/**
 * arm_handle(x):
 * Answer a request to Resource Manager (management.azure.com, management.localhost).
 */
void arm_handle(struct exchange *x);

/**
 * dataplane_fhir_handle(x), dataplane_dicom_handle(x):
 * Answer a request to a FHIR service (also the legacy account's host) or to a DICOM service.
 */
void dataplane_fhir_handle(struct exchange *x);
void dataplane_dicom_handle(struct exchange *x);

/**
 * arm_populate(w):
 * At the first start: make the workspace, one FHIR, one DICOM and one legacy service, the vault
 * resource and the role assignments, and set the members "fhir", "dicom", "service" and "vault_id"
 * (resource ids) of the world.
 */
void arm_populate(struct world *w);

/**
 * arm_public_state(w):
 * Return what GET /state of the control interface shows under "services": an object from resource
 * id to {"key_url", "provisioning_state", "readable" ...}, a new reference, without secrets.
 */
json_t *arm_public_state(struct world *w);

#endif
