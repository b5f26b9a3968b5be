# Unit tests mirror src/ and sim/: tests/<layer>/…/<subject>.c links that layer and those below it.
# `ninja tests` builds them; they are not part of a plain build, which needs no cmocka.
enable_testing()
add_custom_target(tests)
find_library(CMOCKA_LIBRARY cmocka)
if(NOT CMOCKA_LIBRARY)
  return()
endif()

set(SEEDS ${CMAKE_SOURCE_DIR}/tests/fuzz/seeds)
set(SHARED ${CMAKE_SOURCE_DIR}/../shared) # real AEMO files, where there are any

function(test_program name layer)
  add_executable(${name} EXCLUDE_FROM_ALL ${ARGN})
  target_include_directories(${name} PRIVATE tests)
  target_link_libraries(${name} ${layer} ${CMOCKA_LIBRARY} PkgConfig::DEFLATE)
  target_compile_definitions(${name} PRIVATE NEMD_SHARED="${SHARED}"
                                              NEMD_ROOT="${CMAKE_SOURCE_DIR}")
  add_dependencies(tests ${name})
endfunction()

# -- units -----------------------------------------------------------------------------------
file(GLOB SUPPORT CONFIGURE_DEPENDS tests/support/*.c)
list(FILTER SUPPORT EXCLUDE REGEX "faults\\.c$")
foreach(layer base mms store collect market ops alert api sim)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS tests/${layer}/*.c)
  list(FILTER sources EXCLUDE REGEX "tests/store/(crash|protocol)\\.c$")
  foreach(source ${sources})
    get_filename_component(subject ${source} NAME_WE)
    test_program(test_${layer}_${subject} ${layer} ${source} ${SUPPORT})
    add_test(NAME ${layer}/${subject} COMMAND test_${layer}_${subject})
    set_tests_properties(${layer}/${subject} PROPERTIES LABELS unit TIMEOUT 300)
  endforeach()
endforeach()

# Commits that go wrong at each of their steps: the store with its fault points compiled in.
file(GLOB sources CONFIGURE_DEPENDS src/store/*.c)
add_library(store_faults STATIC EXCLUDE_FROM_ALL ${sources} src/base/file.c)
target_compile_definitions(store_faults PUBLIC NEMD_FAULTS)
target_link_libraries(store_faults PUBLIC $<TARGET_PROPERTY:store,LINK_LIBRARIES>)
foreach(subject crash protocol)
  test_program(test_store_${subject} store_faults tests/store/${subject}.c tests/support/faults.c
               ${SUPPORT})
  add_test(NAME store/${subject} COMMAND test_store_${subject})
  set_tests_properties(store/${subject} PROPERTIES LABELS unit TIMEOUT 300)
endforeach()

# The scanner's portable half, which x86-64 doesn't use by itself.
test_program(test_mms_csv_portable base tests/mms/csv.c src/mms/csv.c ${SUPPORT})
target_compile_definitions(test_mms_csv_portable PRIVATE NEMD_SCAN_PORTABLE)
add_test(NAME mms/csv_portable COMMAND test_mms_csv_portable)
set_tests_properties(mms/csv_portable PROPERTIES LABELS unit)

# -- fuzz targets: with libFuzzer in a tree of their own, else over their seeds ----------------
file(GLOB sources CONFIGURE_DEPENDS tests/fuzz/*.c)
foreach(source ${sources})
  get_filename_component(parser ${source} NAME_WE)
  set(layer "api;ops;alert")
  if(parser MATCHES "^sim_")
    set(layer sim)
  endif()
  if(NEMD_FUZZ)
    test_program(fuzz_${parser} "${layer}" ${source})
    target_link_options(fuzz_${parser} PRIVATE -fsanitize=fuzzer)
  else()
    test_program(fuzz_${parser} "${layer}" ${source} tests/fuzz/driver/main.c)
    set(mutations)
    if(parser STREQUAL tiles) # each of them is a file on the disk
      set(mutations 1500)
    endif()
    add_test(NAME fuzz/${parser} COMMAND fuzz_${parser} ${SEEDS}/${parser} ${mutations})
    set_tests_properties(fuzz/${parser} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endforeach()

# -- whole programs: Node's test runner drives nemd and nemsim, built for release and with the sanitizers ----
# They run two at a time, but for those that measure, or that a slow neighbour would turn against.
set(ALONE e2e/clock e2e/server web/every web/today web/views)
function(whole_test folder)
  file(GLOB sources CONFIGURE_DEPENDS tests/${folder}/*.test.mjs)
  foreach(source ${sources})
    get_filename_component(subject ${source} NAME_WE)
    if(NEMD_SANITIZE AND subject STREQUAL soak) # the same code as the others, for much longer
      continue()
    endif()
    add_test(NAME ${folder}/${subject} COMMAND node --test ${source})
    set_tests_properties(
      ${folder}/${subject} PROPERTIES LABELS whole TIMEOUT 600
      ENVIRONMENT
        "NEMD=$<TARGET_FILE:nemd>;NEMSIM=$<TARGET_FILE:nemsim>;NEMD_SHARED=${SHARED}")
    if(${folder}/${subject} IN_LIST ALONE)
      set_tests_properties(${folder}/${subject} PROPERTIES RUN_SERIAL TRUE)
    endif()
  endforeach()
endfunction()

if(NOT NEMD_FUZZ)
  whole_test(e2e)
  if(CMAKE_SYSTEM_NAME STREQUAL Linux AND NOT NEMD_SANITIZE) # the sanitizers have clocks of their own
    add_library(clock_shift MODULE EXCLUDE_FROM_ALL tests/e2e/support/clock.c)
    add_dependencies(tests clock_shift)
    set_property(TEST e2e/clock e2e/rehearsal e2e/backup APPEND PROPERTY ENVIRONMENT
                 "CLOCK_SHIFT=$<TARGET_FILE:clock_shift>")
  endif()
endif()
if(NOT NEMD_SANITIZE AND NOT NEMD_FUZZ)
  whole_test(web)
  if(TARGET clock_shift)
    set_property(TEST web/living APPEND PROPERTY ENVIRONMENT "CLOCK_SHIFT=$<TARGET_FILE:clock_shift>")
  endif()
  add_test(NAME layers COMMAND sh ${CMAKE_SOURCE_DIR}/tests/layers.sh)
endif()
