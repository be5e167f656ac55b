# SPDX-License-Identifier: Apache-2.0
# CMake toolchain file: cross-compiles for another Debian architecture with Debian's own compiler
# and a sysroot of Debian packages. tools/cross makes the sysroot; the presets arm64 and armhf set
#   OCELLUS_TRIPLE    aarch64-linux-gnu or arm-linux-gnueabihf
#   OCELLUS_SYSROOT   the sysroot's directory
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES OCELLUS_TRIPLE OCELLUS_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
if(OCELLUS_TRIPLE STREQUAL aarch64-linux-gnu)
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
  set(emulator qemu-aarch64-static)
else()
  set(CMAKE_SYSTEM_PROCESSOR armv7l)
  set(emulator qemu-arm-static)
endif()
set(CMAKE_C_COMPILER ${OCELLUS_TRIPLE}-gcc)
set(CMAKE_CXX_COMPILER ${OCELLUS_TRIPLE}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${OCELLUS_TRIPLE})
set(CMAKE_SYSROOT ${OCELLUS_SYSROOT})
set(CMAKE_FIND_ROOT_PATH ${OCELLUS_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_DIR} "")
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${OCELLUS_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
    ${OCELLUS_SYSROOT}/usr/lib/${OCELLUS_TRIPLE}/pkgconfig:${OCELLUS_SYSROOT}/usr/share/pkgconfig)
# CTest then runs the tests in an emulator.
set(CMAKE_CROSSCOMPILING_EMULATOR ${emulator} -L ${OCELLUS_SYSROOT})
