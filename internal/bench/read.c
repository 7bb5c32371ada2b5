/* The limit: a paged read of everybody by libldap, every value looked at.
 *   cc -O2 -o read read.c -lldap -llber && ./read URL BASE FILTER PAGESIZE
 * Prints entries, values and bytes. */
#define LDAP_DEPRECATED 0
#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long entries, values, bytes;

static void look(LDAP *ld, LDAPMessage *e) {
	BerElement *ber = NULL;
	struct berval dn, name, *list;
	if (ldap_get_dn_ber(ld, e, &ber, &dn) != LDAP_SUCCESS) exit(1);
	entries++;
	while (ldap_get_attribute_ber(ld, e, ber, &name, &list) == LDAP_SUCCESS && name.bv_val) {
		for (struct berval *v = list; v && v->bv_val; v++) { values++; bytes += v->bv_len; }
		if (list) ber_memfree(list);
	}
	ber_free(ber, 0);
}

int main(int argc, char **argv) {
	LDAP *ld;
	int version = 3, rc, code;
	struct berval cookie = {0, NULL};
	if (argc != 5 || ldap_initialize(&ld, argv[1])) return 1;
	ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	do {
		LDAPControl *page, *send[2] = {NULL, NULL}, **got = NULL;
		LDAPMessage *m, *all;
		int id, more = 1;
		if (ldap_create_page_control(ld, atoi(argv[4]), cookie.bv_val ? &cookie : NULL, 0, &page)) return 1;
		send[0] = page;
		if ((rc = ldap_search_ext(ld, argv[2], LDAP_SCOPE_SUBTREE, argv[3], NULL, 0, send, NULL, NULL, 0, &id))) break;
		ldap_control_free(page);
		while (more && (rc = ldap_result(ld, id, LDAP_MSG_ONE, NULL, &all)) > 0) {
			m = ldap_first_message(ld, all);
			if (rc == LDAP_RES_SEARCH_ENTRY) look(ld, m);
			if (rc == LDAP_RES_SEARCH_RESULT) {
				more = 0;
				if (ldap_parse_result(ld, m, &code, NULL, NULL, NULL, &got, 0) || code) return 1;
			}
			ldap_msgfree(all);
		}
		if (rc < 0) return 1;
		ber_int_t estimate;
		ber_memfree(cookie.bv_val);
		cookie.bv_val = NULL;
		LDAPControl *answer = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, got, NULL);
		if (!answer || ldap_parse_pageresponse_control(ld, answer, &estimate, &cookie)) return 1;
		ldap_controls_free(got);
	} while (cookie.bv_len > 0);
	printf("%lu entries, %lu values, %lu bytes\n", entries, values, bytes);
	ldap_unbind_ext(ld, NULL, NULL);
	return rc < 0;
}
