/* Drawings of images, of what stands on them and of where they come from, compared with what
 * tests/golden keeps (see tests/unit/golden.h). */
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

/* "base", and "shop" of three layers on top of its one. */
static struct model *image_machine(void)
{
	struct model *m = fixture_host();
	int layers[] = {fixture_layer(m, 'a', 1036512, "cutaway: the host's static busybox"),
	        fixture_layer(m, 'b', 12288, "COPY app /srv/app"),
	        fixture_layer(m, 'c', 310, "RUN echo hello > /srv/index.html")};

	fixture_image(m, "base", '1', layers, 1);
	fixture_image(m, "shop", '2', layers, 3);
	return m;
}

static void test_image(void **state)
{
	static const struct model_change changes[] = {
	        {"/bin/ls", CHANGE_REMOVED, 0},
	        {"/etc/passwd", CHANGE_CHANGED, 72},
	        {"/tmp/x", CHANGE_ADDED, 3},
	};
	struct model *before = image_machine(), *m = image_machine();
	struct model_container *c;
	struct view_input in = {
	        .now = m, .before = before, .subject = "shop", .width = 100, .height = 40};

	(void)state;
	fixture_made_from(m, fixture_container(m, "green", 901, 801, "httpd"), &m->images[1]);
	c = fixture_container(m, "red", 903, 801, "httpd");
	fixture_made_from(m, c, &m->images[1]);
	c->changes = changes;
	c->n_changes = 3;
	before->images[1].digest = "sha256:9999999999999999";
	golden_draw("image-shop-100x40", "image", in, false, true);
	in.width = 80;
	in.height = 24;
	golden_draw("image-shop-80x24", "image", in, false, false);
	golden_draw("image-shop-80x24-ascii", "image", in, true, false);
	in.subject = "green";
	in.width = 50;
	in.height = 28;
	golden_draw("image-shop-50x28", "image", in, false, false);
	model_free(before);
	model_free(m);
}

/* Registries in the names of images that were pulled, not made here, and one that runs here. */
static void test_registries(void **state)
{
	struct model *m = image_machine();
	struct view_input in = {.now = m, .width = 120, .height = 40};

	(void)state;
	fixture_daemon(m, 850, "registry", "serves images");
	m->images[1].registry = "127.0.0.1:5000";
	m->images[1].name = "127.0.0.1:5000/library/shop:latest";
	golden_draw("host-registries-120x40", "host", in, false, false);
	in.width = 60;
	golden_draw("host-registries-60x40", "host", in, true, false);
	model_free(m);
}

static void test_image_wanted(void **state)
{
	static const struct view_want wants[] = {{"image.web:1", ""}, {"image.web:1.layers", "3"}};
	struct model *m = image_machine();
	struct view_input in = {.now = m,
	        .before = m,
	        .wants = wants,
	        .n_wants = 2,
	        .subject = "web:1",
	        .width = 80,
	        .height = 24};

	(void)state;
	golden_draw("image-wanted-80x24", "image", in, false, false);
	in.width = 20;
	in.height = 5;
	golden_draw("image-wanted-20x5", "image", in, false, false);
	model_free(m);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_image),
	        cmocka_unit_test(test_registries),
	        cmocka_unit_test(test_image_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
