#ifndef ENTRA_H
#define ENTRA_H

/*
 * Microsoft Entra's sign-in host as the emulator plays it: discovery, signing keys and the token
 * endpoint of the client-credentials flow.
 */

struct exchange;

/**
 * entra_handle(x):
 * Answer a request to login.microsoftonline.com or one of its other names.
 */
void entra_handle(struct exchange *x);

/**
 * entra_graph_handle(x):
 * Answer a request to Microsoft Graph: only directoryObjects/getByIds, with which tools put names
 * to object ids.
 */
void entra_graph_handle(struct exchange *x);

/**
 * entra_error(x, status, error, code, description):
 * Answer with Entra's own error object: OAuth's ${error}, the number ${code} of AADSTS, and a
 * sentence.
 */
void entra_error(struct exchange *x, unsigned status, const char *error, int code, const char *description);

#endif
