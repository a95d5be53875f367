# fovea_room(NAME [HEADERS ...] [SOURCES ...] [TESTS ...] [BENCHES ...])
#   adds the sources of one room to the library and its public headers to what is installed, its tests as the executable
#   fovea_NAME_test (ctest label NAME) and its benchmarks as fovea_NAME_bench.
function(fovea_room name)
  cmake_parse_arguments(room "" "" "HEADERS;SOURCES;TESTS;BENCHES" ${ARGN})
  foreach(header IN LISTS room_HEADERS)
    target_sources(fovea PUBLIC FILE_SET HEADERS FILES ${CMAKE_CURRENT_SOURCE_DIR}/${header})
  endforeach()
  foreach(source IN LISTS room_SOURCES)
    target_sources(fovea PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  endforeach()
  if(FOVEA_TESTS AND room_TESTS)
    fovea_test(fovea_${name}_test LABEL ${name} SOURCES ${room_TESTS})
  endif()
  if(FOVEA_BENCHMARKS AND room_BENCHES)
    add_executable(fovea_${name}_bench ${room_BENCHES})
    target_link_libraries(fovea_${name}_bench PRIVATE fovea_static fovea_flags fmt::fmt benchmark::benchmark)
  endif()
endfunction()

# fovea_test(TARGET LABEL label SOURCES ...): a GoogleTest executable registered with ctest as one test a suite file.
function(fovea_test target)
  cmake_parse_arguments(test "" "LABEL" "SOURCES" ${ARGN})
  add_executable(${target} ${test_SOURCES})
  target_link_libraries(${target} PRIVATE fovea_static fovea_flags GTest::gmock_main)
  target_compile_definitions(${target} PRIVATE FOVEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                               FOVEA_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${target} COMMAND ${target} --gtest_brief=1)
  # Its files are its own: two builds may run their tests at once.
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_files/)
  file(MAKE_DIRECTORY ${folder})
  set_tests_properties(${target} PROPERTIES LABELS ${test_LABEL} ENVIRONMENT "TEST_TMPDIR=${folder};TMPDIR=${folder}")
endfunction()
