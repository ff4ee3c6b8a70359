/* What is kept of a container between two calls: written line by line, read at any time. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/oci/record.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char root[64], file[128];
	struct record *record; /* made, not yet begun */
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct error err = {0};

	strcpy(p->root, "/tmp/test-record-XXXXXX");
	assert_non_null(mkdtemp(p->root));
	snprintf(p->file, sizeof p->file, "%s/one/status", p->root);
	assert_int_equal(record_new(p->root, "one", &p->record, &err), 0);
	assert_false(record_claimed(p->record));
	assert_int_equal(record_claim(p->record, p->root, &err), 0);
	assert_true(record_claimed(p->record));
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	record_free(p->record);
	assert_int_equal(dir_remove_tree(AT_FDCWD, p->root), 0);
	free(p);
	return 0;
}

static void write_at_end(const struct place *p, const char *text)
{
	auto_close fd = open(p->file, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
}

/* The process that is kept now; -1 when nothing can be read. */
static int kept_pid(const struct place *p, struct error *err)
{
	struct record *r = NULL;
	int pid;

	*err = (struct error){0};
	if (record_load(p->root, "one", false, &r, err) < 0)
		return -1;
	pid = (int)r->process.pid;
	record_free(r);
	return pid;
}

static void test_the_last_one_counts(void **state)
{
	struct place *p = *state;
	struct error err = {0};

	assert_int_equal(record_begin(p->record, "{\"hostname\": \"a\"}", &err), 0);
	assert_int_equal(kept_pid(p, &err), 0);
	p->record->process = (struct process_id){.pid = 42, .start_time = 7};
	assert_int_equal(record_save(p->record, &err), 0);
	assert_int_equal(kept_pid(p, &err), 42);
}

/* Whoever reads while it is being written sees what was there before. */
static void test_half_a_line_is_none(void **state)
{
	struct place *p = *state;
	struct error err = {0};

	assert_int_equal(kept_pid(p, &err), -1);
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(record_begin(p->record, "{}", &err), 0);
	write_at_end(p, "status {\"version\": 1, \"pid\": 43}");
	assert_int_equal(kept_pid(p, &err), 0);
	write_at_end(p, "\n");
	assert_int_equal(kept_pid(p, &err), 43);
}

static void test_nothing_yet_and_no_json(void **state)
{
	struct place *p = *state;
	struct error err = {0};
	auto_close fd = open(p->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(kept_pid(p, &err), -1);
	assert_int_equal(err.code, ENOENT);
	write_at_end(p, "config {}\n");
	assert_int_equal(kept_pid(p, &err), -1);
	assert_int_equal(err.code, ENOENT);
	write_at_end(p, "status {\"pid\":\n");
	assert_int_equal(kept_pid(p, &err), -1);
	assert_int_equal(err.code, EBADMSG);
}

static const char *hostname(const struct place *p, json_t **json)
{
	struct error err = {0};

	assert_int_equal(record_load_config(p->record, json, &err), 0);
	return json_string_value(json_object_get(*json, "hostname"));
}

static void test_another_configuration(void **state)
{
	struct place *p = *state;
	struct error err = {0};
	json_t *json = NULL, *other = json_pack("{s:s}", "hostname", "b\nc");

	assert_int_equal(record_begin(p->record, "{\"hostname\": \"a\"}", &err), 0);
	p->record->process.pid = 44;
	assert_int_equal(record_save(p->record, &err), 0);
	assert_string_equal(hostname(p, &json), "a");
	json_decref(json);
	assert_int_equal(record_save_config(p->record, other, &err), 0);
	assert_string_equal(hostname(p, &json), "b\nc");
	assert_int_equal(kept_pid(p, &err), 44);
	json_decref(json);
	json_decref(other);
}

static void test_one_of_an_id(void **state)
{
	struct place *p = *state;
	struct record *other = NULL;
	struct error err = {0};

	assert_int_equal(record_new(p->root, "one", &other, &err), 0);
	assert_int_equal(record_claim(other, p->root, &err), -EEXIST);
	assert_false(record_claimed(other));
	record_free(other);
	assert_int_equal(access(p->record->directory, F_OK), 0);
}

static void test_removed_with_what_is_in_it(void **state)
{
	struct place *p = *state;
	struct error err = {0};
	char path[160];

	assert_int_equal(record_begin(p->record, "{}", &err), 0);
	snprintf(path, sizeof path, "%s/one/start", p->root);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(record_remove(p->record, &err), 0);
	assert_int_equal(access(p->record->directory, F_OK), -1);
}

/* What others read as JSON; and what is added to it later counts. */
static void test_one_object(void **state)
{
	struct place *p = *state;
	struct error err = {0};
	auto_buf text = BUF_INIT;
	json_t *json, *config = NULL;

	assert_int_equal(record_begin(p->record, "{\"hostname\": \"a\"}", &err), 0);
	p->record->process = (struct process_id){.pid = 42, .start_time = 7};
	assert_int_equal(record_save_whole(p->record, &err), 0);
	assert_int_equal(kept_pid(p, &err), 42);
	assert_int_equal(file_read_at(AT_FDCWD, p->file, 1 << 16, &text), 0);
	json = json_loads(buf_text(&text), 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(json, "pid")), 42);
	json_decref(json);
	assert_int_equal(record_load_config(p->record, &config, &err), 0);
	assert_string_equal(json_string_value(json_object_get(config, "hostname")), "a");
	json_decref(config);
	p->record->process.pid = 43;
	assert_int_equal(record_save(p->record, &err), 0);
	assert_int_equal(kept_pid(p, &err), 43);
	assert_int_equal(record_load_config(p->record, &config, &err), 0);
	json_decref(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_the_last_one_counts, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_one_object, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_half_a_line_is_none, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_nothing_yet_and_no_json, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_another_configuration, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_one_of_an_id, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_removed_with_what_is_in_it, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
