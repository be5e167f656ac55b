# SPDX-License-Identifier: Apache-2.0
# How every target is compiled, and the two functions that make them.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_options(-Wall -Wextra -Werror $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
                    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti> -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
include_directories(${CMAKE_SOURCE_DIR})

if(OCELLUS_SANITIZE)
  add_compile_options(-fsanitize=${OCELLUS_SANITIZE} -fno-omit-frame-pointer)
  # GCC takes an empty std::optional for an uninitialised one where a sanitizer's checks stand
  # between; the other builds keep the warning.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${OCELLUS_SANITIZE})
endif()
if(OCELLUS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What is shipped has no tables for unwinding, a tenth of its size: what throws ends the program with
# them as well, and debuggers find theirs in the debug information.
set(OCELLUS_SHIPPED "$<CONFIG:RelWithDebInfo,MinSizeRel>")
if(OCELLUS_SANITIZE)
  set(OCELLUS_SHIPPED 0)
endif()
add_compile_options($<${OCELLUS_SHIPPED}:-fno-asynchronous-unwind-tables>
                    $<${OCELLUS_SHIPPED}:-fno-unwind-tables>)

find_package(PkgConfig REQUIRED)

# ocellus_library(name SOURCES a.cc ... [COLD b.cc ...] [DEPENDS target ...] [LIBRARIES library ...])
# COLD are sources of which nothing runs for each packet or picture: where the others are built for
# speed, these are for size, which halves them. DEPENDS are targets of ours that the headers may
# include; LIBRARIES are other people's, which only the sources include.
function(ocellus_library name)
  cmake_parse_arguments(PARSE_ARGV 1 LIB "" "" "SOURCES;COLD;DEPENDS;LIBRARIES")
  if(LIB_SOURCES OR LIB_COLD)
    add_library(${name} STATIC ${LIB_SOURCES} ${LIB_COLD})
    set_source_files_properties(${LIB_COLD} PROPERTIES COMPILE_OPTIONS $<${OCELLUS_SHIPPED}:-Os>)
    target_compile_options(${name} PRIVATE -Wshadow -Wconversion)
    target_link_libraries(${name} PUBLIC ${LIB_DEPENDS} PRIVATE ${LIB_LIBRARIES})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${LIB_DEPENDS})
  endif()
endfunction()

# ocellus_test(name SOURCES a_test.cc ... [DEPENDS target ...])
# One GoogleTest program and one CTest, run in the source tree so that tests/data/... opens.
function(ocellus_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "" "" "SOURCES;DEPENDS")
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ${TEST_DEPENDS} GTest::gmock_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  if(OCELLUS_SANITIZE)  # It makes some of them five times as slow.
    set_tests_properties(${name} PROPERTIES TIMEOUT 900)
  endif()
endfunction()

# ocellus_fuzzer(name SOURCES a_fuzzer.cc [DEPENDS target ...] CORPUS dir ... [MAX_LEN bytes])
# With OCELLUS_FUZZ a libFuzzer program, and a CTest that runs it for some seconds on its corpus;
# by hand: build/fuzz/tests/fuzz/<name> -max_total_time=3600 DIR.
function(ocellus_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 FUZZ "" "MAX_LEN" "SOURCES;DEPENDS;CORPUS")
  if(NOT OCELLUS_FUZZ)
    return()
  endif()
  if(NOT FUZZ_MAX_LEN)
    set(FUZZ_MAX_LEN 4096)
  endif()
  add_executable(${name} ${FUZZ_SOURCES})
  target_link_libraries(${name} PRIVATE ${FUZZ_DEPENDS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set(found ${CMAKE_CURRENT_BINARY_DIR}/${name}.corpus)
  file(MAKE_DIRECTORY ${found})
  add_test(NAME ${name}
           COMMAND ${name} -seed=1 -max_total_time=20 -timeout=20 -rss_limit_mb=1024 -max_len=${FUZZ_MAX_LEN}
                   -artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/ ${found} ${FUZZ_CORPUS}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()
