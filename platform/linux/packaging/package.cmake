# SPDX-License-Identifier: Apache-2.0
# A Debian package with the program, its systemd unit and its configuration file: tools/package
# makes it.
install(TARGETS ocellus RUNTIME DESTINATION bin)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/ocellus.service DESTINATION lib/systemd/system)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/ocellus.yaml DESTINATION /etc)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "Ocellus developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "A camera, live in any browser")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# To know the authorities of turns: servers.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/conffiles "/etc/ocellus.yaml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_BINARY_DIR}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
