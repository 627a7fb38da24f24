# SPDX-License-Identifier: GPL-2.0-or-later
# Compiler and linker flags of everything that runs in user space.

add_library(nt_flags INTERFACE)
target_compile_definitions(nt_flags INTERFACE _GNU_SOURCE NT_VERSION="${PROJECT_VERSION}")
target_compile_options(nt_flags INTERFACE
	-Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
	-fno-common -ffunction-sections -fdata-sections -fstack-protector-strong)
target_link_options(nt_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro,-z,now)

# What is never meant, whoever builds with whatever newer compiler.
target_compile_options(nt_flags INTERFACE -Werror=implicit-function-declaration
	-Werror=int-conversion -Werror=incompatible-pointer-types -Werror=return-type)

if(NT_WERROR)
	target_compile_options(nt_flags INTERFACE -Werror)
endif()

# The same bytes whatever the folder: no path in debug info, in __FILE__ or in
# the build id. SOURCE_DATE_EPOCH is honoured by the compiler and CPack.
target_compile_options(nt_flags INTERFACE
	-ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build)
target_link_options(nt_flags INTERFACE -Wl,--build-id=none)

if(NT_SANITIZE)
	set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	if(NT_FUZZ)
		list(APPEND sanitizers -fsanitize=fuzzer-no-link)
	endif()
	target_compile_options(nt_flags INTERFACE ${sanitizers})
	target_link_options(nt_flags INTERFACE ${sanitizers})
else()
	target_compile_definitions(nt_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
endif()

# Address layout is still random in a static executable: -static-pie.
if(NT_STATIC)
	set(CMAKE_POSITION_INDEPENDENT_CODE ON)
	target_compile_options(nt_flags INTERFACE -fPIE)
	add_library(nt_static INTERFACE)
	target_link_options(nt_static INTERFACE -static-pie)
endif()

set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
link_libraries(nt_flags)
