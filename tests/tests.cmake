# Unit tests mirror src/: tests/<layer>/<subject>.c links that layer and those below it.
# `ninja tests` builds them; they are not part of a plain build, which needs no cmocka.
enable_testing()
add_custom_target(tests)
find_library(CMOCKA_LIBRARY cmocka)
if(NOT CMOCKA_LIBRARY)
  return()
endif()

file(GLOB SUPPORT CONFIGURE_DEPENDS tests/support/*.c)
foreach(layer base mms store collect market api)
  file(GLOB sources CONFIGURE_DEPENDS tests/${layer}/*.c)
  foreach(source ${sources})
    get_filename_component(subject ${source} NAME_WE)
    set(name test_${layer}_${subject})
    add_executable(${name} EXCLUDE_FROM_ALL ${source} ${SUPPORT})
    target_include_directories(${name} PRIVATE tests)
    target_link_libraries(${name} ${layer} ${CMOCKA_LIBRARY} PkgConfig::DEFLATE)
    add_dependencies(tests ${name})
    add_test(NAME ${layer}/${subject} COMMAND ${name})
    set_tests_properties(${layer}/${subject} PROPERTIES LABELS unit TIMEOUT 300
                         SKIP_RETURN_CODE 77)
  endforeach()
endforeach()
