# SPDX-License-Identifier: GPL-2.0-or-later
# What `cmake --install` puts where, and the packages that CPack makes of it.
# Man pages ask the executable that was just built for what its tables know, the
# completions ask it when they run: neither can disagree with its parser.

install(TARGETS nettrace RUNTIME DESTINATION bin)
install(FILES COPYING third_party/NOTICES DESTINATION share/doc/nettrace-virt)
install(FILES README.md DESTINATION share/doc/nettrace-virt OPTIONAL)

set(documents)

# man/NAME.8.in is prose with places for what the tables know.
set(man ${CMAKE_SOURCE_DIR}/cmake/man.py)
file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.8.in)
foreach(page IN LISTS pages)
	cmake_path(GET page STEM LAST_ONLY name)
	set(file ${CMAKE_BINARY_DIR}/man/${name})
	file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
	add_custom_command(OUTPUT ${file}
		COMMAND ${NT_PYTHON} ${man} $<TARGET_FILE:nettrace> ${PROJECT_VERSION} ${page} ${file}
		DEPENDS nettrace ${man} ${page}
		COMMENT "Man page ${name}" VERBATIM)
	install(FILES ${file} DESTINATION share/man/man8)
	list(APPEND documents ${file})
endforeach()

# zsh looks in vendor-completions on Debian, in site-functions elsewhere.
set(completions ${CMAKE_SOURCE_DIR}/completions)
install(FILES ${completions}/nettrace.bash RENAME nettrace
	DESTINATION share/bash-completion/completions)
install(FILES ${completions}/nettrace.fish DESTINATION share/fish/vendor_completions.d)
foreach(folder vendor-completions site-functions)
	install(FILES ${completions}/nettrace.zsh RENAME _nettrace DESTINATION share/zsh/${folder})
endforeach()

if(documents)
	add_custom_target(docs ALL DEPENDS ${documents})
endif()

# Relative links hold in a package and under DESTDIR too.
install(CODE [[
	set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
	set(legacy "${root}/lib/nettrace/legacy")
	file(MAKE_DIRECTORY "${legacy}")
	execute_process(
		COMMAND "${root}/bin/nettrace" links --force --target ../../../bin/nettrace "${legacy}"
		OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
]])

set(CPACK_PACKAGE_NAME nettrace-virt)
set(CPACK_PACKAGE_VENDOR "nettrace-virt")
set(CPACK_PACKAGE_CONTACT "nettrace-virt maintainers <maintainers@nettrace-virt.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "find where packets are lost or delayed on virtualised hosts")
set(CPACK_PACKAGE_DESCRIPTION
"One static executable that traces packets through Linux network stacks, Open
vSwitch, vhost and KVM with BPF, on kernels from 4.19 on, and reports where
they are lost or delayed.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/COPYING)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB RPM)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONFLICTS nettrace)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE GPL-2.0-or-later)
set(CPACK_RPM_PACKAGE_GROUP "Applications/System")
set(CPACK_RPM_PACKAGE_CONFLICTS nettrace)
set(CPACK_RPM_PACKAGE_AUTOREQPROV OFF)
# Folders of the system are not ours to own.
foreach(folder bash-completion bash-completion/completions fish fish/vendor_completions.d
		zsh zsh/vendor-completions zsh/site-functions man man/man8 doc)
	list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/${folder})
endforeach()
# The packaged executable is the tested one, byte for byte: no strip, no links.
set(CPACK_RPM_SPEC_MORE_DEFINE
	"%define __os_install_post %{nil}\n%define debug_package %{nil}\n%define _build_id_links none")
include(CPack)
