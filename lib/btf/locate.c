// SPDX-License-Identifier: GPL-2.0-or-later
#include "locate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Places tried so far, for the error message. */
struct looked {
	char text[384];
};

static void looked_in(struct looked *l, const char *path)
{
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof(l->text) - n, "%s%s", n ? ", " : "", path);
}

static bool set_path(struct nt_btf_source *out, const char *path)
{
	int n = snprintf(out->path, sizeof(out->path), "%s", path);

	return n >= 0 && (size_t)n < sizeof(out->path);
}

/* Take path if it can be read, else note it. */
static bool take(struct nt_btf_source *out, const char *path, struct looked *l)
{
	if (access(path, R_OK) == 0 && set_path(out, path))
		return true;
	looked_in(l, path);
	return false;
}

static bool take_for_release(struct nt_btf_source *out, const char *dir, const char *release,
			     struct looked *l)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/btf/%s.btf", dir, release);

	return n > 0 && (size_t)n < sizeof(path) && take(out, path, l);
}

static bool beside_binary(struct nt_btf_source *out, const char *release, struct looked *l)
{
	char dir[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;

	if (n <= 0)
		return false;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return take_for_release(out, dir, release, l);
}

static int from_option(const char *file, struct nt_btf_source *out, struct nt_err *err)
{
	if (!set_path(out, file))
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, ENAMETOOLONG,
			       "type information file: name too long; give a shorter --btf FILE");
	if (access(file, R_OK) < 0) {
		int e = errno;

		return nt_errf(err, NT_EXIT_IMPOSSIBLE, e,
			       "type information file %s: %s; make one with 'nettrace btf build' "
			       "or leave out --btf",
			       file, strerror(e));
	}
	return 0;
}

int nt_btf_locate(const char *opt_file, bool own_masked, struct nt_btf_source *out,
		  struct nt_err *err)
{
	const char *env = getenv("NETTRACE_BTF");
	struct looked l = { "" };
	struct utsname u;

	memset(out, 0, sizeof(*out));
	if (opt_file && *opt_file)
		return from_option(opt_file, out, err);
	if (!own_masked && take(out, NT_BTF_KERNEL, &l)) {
		out->kernel_own = true;
		return 0;
	}
	if (env && *env && take(out, env, &l))
		return 0;
	if (uname(&u) < 0)
		snprintf(u.release, sizeof(u.release), "?");
	if (take_for_release(out, "/usr/lib/nettrace", u.release, &l) ||
	    beside_binary(out, u.release, &l))
		return 0;
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, ENOENT,
		       "no kernel type information for %s: looked in %s; make one with "
		       "'nettrace btf build' or give --btf FILE",
		       u.release, l.text);
}
