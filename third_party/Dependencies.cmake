# SPDX-License-Identifier: GPL-2.0-or-later
#
# Finds what comes from the system. Nothing foreign is in the tree. The
# archives are linked statically in every preset, so what is tested is what is
# shipped; the dev preset only differs in its C library (dynamic, for ASan).
#
#	what		Debian package	versions tried		why
#	libbpf.a	libbpf-dev	1.1.2			loads the BPF objects
#	libelf.a	libelf-dev	0.188			libbpf needs it
#	libz.a		zlib1g-dev	1.2.13			libelf needs it
#	(libzstd.a	libzstd-dev	1.5.4			only if libelf asks for it: 0.190 on)
#	libjansson.a	libjansson-dev	2.14			reads JSON (path merge, mesh)
#	libyaml.a	libyaml-dev	0.2.5			reads inventories (mesh)
#	clang		clang		14.0.6			compiles the BPF programs
#	llvm-strip	llvm		14.0.6			takes the DWARF out of them
#	python3		python3		3.11			checks and embeds them
#	libcmocka	libcmocka-dev	1.1.5			unit tests
#	libc.a		libc6-dev	2.36			release

function(nt_find_archive target archive package)
	find_library(NT_LIB_${target} ${archive})
	if(NOT NT_LIB_${target})
		message(FATAL_ERROR "${archive} not found: install the Debian package ${package}")
	endif()
	add_library(${target} STATIC IMPORTED GLOBAL)
	set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${NT_LIB_${target}})
	message(STATUS "${package}: ${NT_LIB_${target}}")
endfunction()

function(nt_find_tool variable package)
	find_program(${variable} NAMES ${ARGN})
	if(NOT ${variable})
		list(GET ARGN 0 name)
		message(FATAL_ERROR "${name} not found: install the Debian package ${package}")
	endif()
endfunction()

function(nt_find_header header package)
	string(MAKE_C_IDENTIFIER NT_INC_${header} variable)
	find_path(${variable} ${header})
	if(NOT ${variable})
		message(FATAL_ERROR "${header} not found: install the Debian package ${package}")
	endif()
endfunction()

nt_find_archive(nt_z libz.a zlib1g-dev)
nt_find_archive(nt_elf libelf.a libelf-dev)
nt_find_archive(nt_bpf libbpf.a libbpf-dev)
nt_find_header(bpf/libbpf.h libbpf-dev)
nt_find_header(gelf.h libelf-dev)
nt_find_archive(nt_jansson libjansson.a libjansson-dev)
nt_find_header(jansson.h libjansson-dev)
nt_find_archive(nt_yaml libyaml.a libyaml-dev)
nt_find_header(yaml.h libyaml-dev)
target_link_libraries(nt_elf INTERFACE nt_z)
target_link_libraries(nt_bpf INTERFACE nt_elf)

# libelf compresses sections with zstd since 0.190.
file(STRINGS ${NT_LIB_nt_elf} nt_elf_zstd REGEX "ZSTD_compress" LIMIT_COUNT 1)
if(nt_elf_zstd)
	nt_find_archive(nt_zstd libzstd.a libzstd-dev)
	target_link_libraries(nt_elf INTERFACE nt_zstd)
endif()

nt_find_tool(NT_CLANG clang clang-14 clang)
nt_find_tool(NT_LLVM_STRIP llvm llvm-strip-14 llvm-strip)
nt_find_tool(NT_PYTHON python3 python3)
if(NT_STATIC)
	nt_find_archive(nt_libc libc.a libc6-dev)
endif()
if(NT_TESTS)
	find_library(NT_CMOCKA cmocka)
	if(NOT NT_CMOCKA)
		message(FATAL_ERROR "libcmocka not found: install the Debian package libcmocka-dev")
	endif()
endif()
