// SPDX-License-Identifier: GPL-2.0-or-later
/* The scripts of completions/ as strings, so that the binary can print them. */

#define EMBED(symbol, file)                           \
	__asm__(".section .rodata\n"                  \
		".global " #symbol "\n" #symbol ":\n" \
		".incbin \"" file "\"\n"              \
		".byte 0\n"                           \
		".previous\n")

EMBED(nt_completion_bash, "nettrace.bash");
EMBED(nt_completion_zsh, "nettrace.zsh");
EMBED(nt_completion_fish, "nettrace.fish");
