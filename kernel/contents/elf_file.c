#include "kernel/contents/elf_file.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

static const struct machine {
	uint16_t machine;
	const char *name, *architecture, *triplet;
} machines[] = {
        {EM_X86_64, "x86-64", "amd64", "x86_64-linux-gnu"},
        {EM_386, "i386", "386", "i386-linux-gnu"},
        {EM_AARCH64, "AArch64", "arm64", "aarch64-linux-gnu"},
        {EM_ARM, "ARM", "arm", "arm-linux-gnueabihf"},
        {EM_RISCV, "RISC-V", "riscv64", "riscv64-linux-gnu"},
        {EM_PPC64, "PowerPC64", "ppc64le", "powerpc64le-linux-gnu"},
        {EM_S390, "S/390", "s390x", "s390x-linux-gnu"},
};

static const struct machine *machine_of(uint16_t number)
{
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (machines[i].machine == number)
			return &machines[i];
	return NULL;
}

const char *elf_machine_name(uint16_t machine, char room[24])
{
	const struct machine *m = machine_of(machine);

	if (m)
		return m->name;
	snprintf(room, 24, "machine %u", machine);
	return room;
}

uint16_t elf_machine_of(const char *architecture)
{
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (!strcmp(machines[i].architecture, architecture))
			return machines[i].machine;
	return 0;
}

const char *elf_machine_triplet(uint16_t machine)
{
	const struct machine *m = machine_of(machine);

	return m ? m->triplet : "";
}

/* ---- lists ---- */

static int add_text(char ***list, size_t *n, const char *text)
{
	char **grown;

	if (*n >= ELF_LIST_MAX)
		return 0;
	grown = realloc(*list, (*n + 1) * sizeof **list);
	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[*n] = strndup(text, TEXT_MAX);
	return grown[(*n)++] ? 0 : -ENOMEM;
}

static int add_want(struct elf_file *e, const char *library, const char *name)
{
	struct elf_version *grown;

	if (e->n_wants >= ELF_LIST_MAX)
		return 0;
	grown = realloc(e->wants, (e->n_wants + 1) * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	e->wants = grown;
	grown[e->n_wants] = (struct elf_version){
	        .name = strndup(name, TEXT_MAX), .library = strndup(library, TEXT_MAX)};
	e->n_wants++;
	return grown[e->n_wants - 1].name && grown[e->n_wants - 1].library ? 0 : -ENOMEM;
}

void elf_file_release(struct elf_file *e)
{
	free(e->interpreter);
	free(e->rpath);
	free(e->runpath);
	for (size_t i = 0; i < e->n_needed; i++)
		free(e->needed[i]);
	free(e->needed);
	for (size_t i = 0; i < e->n_wants; i++) {
		free(e->wants[i].name);
		free(e->wants[i].library);
	}
	free(e->wants);
	for (size_t i = 0; i < e->n_defines; i++)
		free(e->defines[i]);
	free(e->defines);
	*e = (struct elf_file){0};
}

/* ---- program headers ---- */

/* Text of the file, its end bounded by the piece; NULL when it is not there. */
static const char *text_at(Elf *elf, uint64_t offset, uint64_t size)
{
	Elf_Data *d;

	if (!size || size > (UINT64_C(64) << 20))
		return NULL;
	d = elf_getdata_rawchunk(elf, (int64_t)offset, size, ELF_T_BYTE);
	return d && d->d_buf && memchr(d->d_buf, 0, d->d_size) ? d->d_buf : NULL;
}

static bool offset_of(Elf *elf, size_t n, uint64_t address, uint64_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;
		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD && address >= p.p_vaddr &&
		        address - p.p_vaddr < p.p_filesz) {
			*ret = p.p_offset + (address - p.p_vaddr);
			return true;
		}
	}
	return false;
}

struct strings {
	const char *text;
	uint64_t size;
};

static const char *string_at(const struct strings *s, uint64_t at)
{
	return s->text && at < s->size && memchr(s->text + at, 0, s->size - at) ? s->text + at
	                                                                        : NULL;
}

static struct strings dynamic_strings(Elf *elf, size_t n_headers, Elf_Data *d, size_t n)
{
	struct strings s = {0};
	uint64_t address = 0, offset;
	Elf_Data *piece;

	for (size_t i = 0; i < n; i++) {
		GElf_Dyn dyn;
		if (!gelf_getdyn(d, (int)i, &dyn) || dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_STRTAB)
			address = dyn.d_un.d_ptr;
		if (dyn.d_tag == DT_STRSZ)
			s.size = dyn.d_un.d_val;
	}
	if (!s.size || s.size > (UINT64_C(64) << 20) ||
	        !offset_of(elf, n_headers, address, &offset))
		return (struct strings){0};
	piece = elf_getdata_rawchunk(elf, (int64_t)offset, s.size, ELF_T_BYTE);
	s.text = piece ? piece->d_buf : NULL;
	return s;
}

static int replace_text(char **slot, const char *text)
{
	free(*slot);
	*slot = strndup(text, TEXT_MAX);
	return *slot ? 0 : -ENOMEM;
}

static int read_dynamic(Elf *elf, size_t n_headers, const GElf_Phdr *p, struct elf_file *e)
{
	size_t size = e->bits == 64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn), n = 0;
	Elf_Data *d = NULL;
	struct strings strings;
	int r = 0;

	e->dynamic = true;
	if (p->p_filesz && p->p_filesz < (UINT64_C(1) << 20)) {
		d = elf_getdata_rawchunk(elf, (int64_t)p->p_offset, p->p_filesz, ELF_T_DYN);
		n = p->p_filesz / size;
	}
	if (!d)
		return 0;
	strings = dynamic_strings(elf, n_headers, d, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		const char *text;
		GElf_Dyn dyn;
		if (!gelf_getdyn(d, (int)i, &dyn) || dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag != DT_NEEDED && dyn.d_tag != DT_RPATH && dyn.d_tag != DT_RUNPATH)
			continue;
		text = string_at(&strings, dyn.d_un.d_val);
		if (text)
			r = dyn.d_tag == DT_NEEDED  ? add_text(&e->needed, &e->n_needed, text)
			    : dyn.d_tag == DT_RPATH ? replace_text(&e->rpath, text)
			                            : replace_text(&e->runpath, text);
	}
	return r;
}

static int read_headers(Elf *elf, struct elf_file *e)
{
	size_t n = 0;
	int r = 0;

	if (elf_getphdrnum(elf, &n) < 0)
		return -ENOEXEC;
	for (size_t i = 0; i < n && r == 0; i++) {
		const char *text;
		GElf_Phdr p;
		if (!gelf_getphdr(elf, (int)i, &p))
			continue;
		if (p.p_type == PT_INTERP && (text = text_at(elf, p.p_offset, p.p_filesz)))
			r = replace_text(&e->interpreter, text);
		else if (p.p_type == PT_DYNAMIC)
			r = read_dynamic(elf, n, &p, e);
	}
	return r;
}

/* ---- versions ---- */

static int read_wants(Elf *elf, Elf_Data *d, size_t strings, struct elf_file *e)
{
	GElf_Verneed need;
	size_t at = 0;
	int r = 0;

	for (size_t k = 0; k < ELF_LIST_MAX && r == 0; k++) {
		const char *library;
		size_t aux_at;
		if (!gelf_getverneed(d, (int)at, &need))
			break;
		library = elf_strptr(elf, strings, need.vn_file);
		aux_at = at + need.vn_aux;
		for (unsigned i = 0; i < need.vn_cnt && r == 0; i++) {
			GElf_Vernaux aux;
			const char *name;
			if (!gelf_getvernaux(d, (int)aux_at, &aux))
				break;
			name = elf_strptr(elf, strings, aux.vna_name);
			if (library && name && !(aux.vna_flags & VER_FLG_WEAK))
				r = add_want(e, library, name);
			if (!aux.vna_next)
				break;
			aux_at += aux.vna_next;
		}
		if (!need.vn_next)
			break;
		at += need.vn_next;
	}
	return r;
}

static int read_defines(Elf *elf, Elf_Data *d, size_t strings, struct elf_file *e)
{
	GElf_Verdef def;
	size_t at = 0;
	int r = 0;

	for (size_t k = 0; k < ELF_LIST_MAX && r == 0; k++) {
		GElf_Verdaux aux;
		const char *name = NULL;
		if (!gelf_getverdef(d, (int)at, &def))
			break;
		if (gelf_getverdaux(d, (int)(at + def.vd_aux), &aux))
			name = elf_strptr(elf, strings, aux.vda_name);
		if (name && !(def.vd_flags & VER_FLG_BASE))
			r = add_text(&e->defines, &e->n_defines, name);
		if (!def.vd_next)
			break;
		at += def.vd_next;
	}
	return r;
}

static int read_versions(Elf *elf, struct elf_file *e)
{
	Elf_Scn *section = NULL;
	int r = 0;

	while (r == 0 && (section = elf_nextscn(elf, section))) {
		Elf_Data *d;
		GElf_Shdr h;
		if (!gelf_getshdr(section, &h) ||
		        (h.sh_type != SHT_GNU_verneed && h.sh_type != SHT_GNU_verdef))
			continue;
		d = elf_getdata(section, NULL);
		if (d && h.sh_type == SHT_GNU_verneed)
			r = read_wants(elf, d, h.sh_link, e);
		else if (d)
			r = read_defines(elf, d, h.sh_link, e);
	}
	return r;
}

int elf_file_read(int fd, struct elf_file *ret, struct error *err)
{
	struct elf_file e = {0};
	GElf_Ehdr header;
	Elf *elf;
	int r = -ENOEXEC;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &header)) {
		e.bits = gelf_getclass(elf) == ELFCLASS64 ? 64 : 32;
		e.machine = header.e_machine;
		r = read_headers(elf, &e);
		if (r == 0)
			r = read_versions(elf, &e);
	}
	elf_end(elf);
	if (r < 0) {
		elf_file_release(&e);
		return error_set(
		        err, -r, "read program", "", r == -ENOEXEC ? "it is no ELF file" : NULL);
	}
	*ret = e;
	return 0;
}
