/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings that are known when a program is loaded and never change. The program
 * has a mark in their place, which the loader replaces by the value: so the
 * verifier leaves out what the value rules out, and the kernel the code of it.
 */
#ifndef NT_KNOWN_H
#define NT_KNOWN_H

enum nt_known {
	NT_KNOWN_FAMILY, /* struct nt_filter.family: 0 any, 4 or 6 */
	NT_KNOWN_COUNT
};

/* The upper half of a 64-bit constant whose lower half says which. */
#define NT_KNOWN_MARK 0x4e544b4eULL

/*
 * The one value of a map, by its address, which a kernel since 5.2 lets a program
 * have as a constant: a load of the map, and behind it one of this mark into the
 * same register. The loader makes of it the value's address, or NULL where the
 * kernel has no such constants.
 */
#define NT_VALUE_MARK 0x4e54564d

#endif
