/* The limit of reading: everybody by libldap, page by page, every value looked at.
 *   cc -O2 -o read read.c -lldap -llber
 *   ./read URL BASE FILTER PAGESIZE [ATTRIBUTE...]
 * Without attributes it asks for all. Prints entries, values and bytes. */
#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long entries, values, bytes;

static void fail(const char *doing, int code) {
	fprintf(stderr, "read: %s: %s\n", doing, ldap_err2string(code));
	exit(1);
}

static void look(LDAP *ld, LDAPMessage *e) {
	BerElement *ber = NULL;
	struct berval dn, name, *list;
	int rc = ldap_get_dn_ber(ld, e, &ber, &dn);
	if (rc != LDAP_SUCCESS) fail("an entry", rc);
	entries++;
	while (ldap_get_attribute_ber(ld, e, ber, &name, &list) == LDAP_SUCCESS && name.bv_val) {
		for (struct berval *v = list; v && v->bv_val; v++) {
			values++;
			bytes += v->bv_len;
		}
		if (list) ber_memfree(list);
	}
	ber_free(ber, 0);
}

static int ask(LDAP *ld, char **argv, struct berval *cookie) {
	LDAPControl *page, *send[2] = {NULL, NULL};
	int id, rc = ldap_create_page_control(ld, atoi(argv[4]), cookie->bv_val ? cookie : NULL, 0, &page);
	if (rc != LDAP_SUCCESS) fail("the paging control", rc);
	send[0] = page;
	rc = ldap_search_ext(ld, argv[2], LDAP_SCOPE_SUBTREE, argv[3], argv[5] ? argv + 5 : NULL, 0, send, NULL, NULL, 0, &id);
	if (rc != LDAP_SUCCESS) fail("search", rc);
	ldap_control_free(page);
	return id;
}

/* next takes the next page's cookie out of a result; empty at the end. */
static void next(LDAP *ld, LDAPMessage *result, struct berval *cookie) {
	LDAPControl **got = NULL, *answer;
	ber_int_t estimate;
	int code, rc = ldap_parse_result(ld, result, &code, NULL, NULL, NULL, &got, 0);
	if (rc != LDAP_SUCCESS || code != LDAP_SUCCESS) fail("the result", rc ? rc : code);
	ber_memfree(cookie->bv_val);
	cookie->bv_val = NULL;
	answer = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, got, NULL);
	if (!answer) fail("the server does not page", LDAP_CONTROL_NOT_FOUND);
	rc = ldap_parse_pageresponse_control(ld, answer, &estimate, cookie);
	if (rc != LDAP_SUCCESS) fail("the cookie", rc);
	ldap_controls_free(got);
}

static void page(LDAP *ld, char **argv, struct berval *cookie) {
	int id = ask(ld, argv, cookie), rc, more = 1;
	LDAPMessage *m;
	while (more) {
		rc = ldap_result(ld, id, LDAP_MSG_ONE, NULL, &m);
		if (rc <= 0) fail("waiting", LDAP_SERVER_DOWN);
		if (rc == LDAP_RES_SEARCH_ENTRY) look(ld, ldap_first_message(ld, m));
		if (rc == LDAP_RES_SEARCH_RESULT) {
			next(ld, ldap_first_message(ld, m), cookie);
			more = 0;
		}
		ldap_msgfree(m);
	}
}

int main(int argc, char **argv) {
	LDAP *ld;
	int version = LDAP_VERSION3, rc;
	struct berval cookie = {0, NULL};
	if (argc < 5) {
		fprintf(stderr, "usage: read URL BASE FILTER PAGESIZE [ATTRIBUTE...]\n");
		return 2;
	}
	if ((rc = ldap_initialize(&ld, argv[1]))) fail(argv[1], rc);
	ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	do page(ld, argv, &cookie); while (cookie.bv_len > 0);
	printf("%lu entries, %lu values, %lu bytes\n", entries, values, bytes);
	ldap_unbind_ext(ld, NULL, NULL);
	return 0;
}
