# The package on every Python found, with RELEASE_GIL ON and OFF: modules built by Wrapping/, a project of its own,
# against this build's library. One module more is made with SWIG 4.5 for the lowest Python and used on all of them.
execute_process(COMMAND ${pythons} find ${KERMA_TEST_PYTHONS}
  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE ";" "=" found "${found}")
string(REPLACE "\n" ";" found "${found}")
execute_process(COMMAND ${Python_EXECUTABLE} -c "import os, sys; print(os.path.realpath(sys.executable))"
  OUTPUT_VARIABLE own_python OUTPUT_STRIP_TRAILING_WHITESPACE)

# kerma_add_module(NAME PYTHON GIL [NEEDS FILE] [OPTION...]): a fixture python_module_NAME.
function(kerma_add_module NAME PYTHON GIL)
  cmake_parse_arguments(M "" "NEEDS" "" ${ARGN})
  if(M_NEEDS)
    set(needs --needs ${M_NEEDS})
  endif()
  kerma_add_python_fixture(module_${NAME} python_module_${NAME} ${pythons} build ${built}/${NAME} ${needs}
    ${CMAKE_COMMAND} -G ${CMAKE_GENERATOR} -S ${PROJECT_SOURCE_DIR}/Wrapping -Dkerma_DIR=${PROJECT_BINARY_DIR}/cmake
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_BUILD_TYPE=Release -DKERMA_WERROR=${KERMA_WERROR}
    -DPython_EXECUTABLE=${PYTHON} -DRELEASE_GIL=${GIL} ${M_UNPARSED_ARGUMENTS})
  set_property(TEST python_module_${NAME} APPEND PROPERTY LABELS matrix)
endfunction()

# kerma_add_matrix_tests(NAME MODULE VERSION GIL TEST...): tests of a module on the Python of a version.
function(kerma_add_matrix_tests NAME MODULE VERSION GIL)
  kerma_python_environment(environment ${built}/${MODULE}/python ${built}/${MODULE}/kerma_wrap.c ${GIL} 0.25)
  foreach(test ${ARGN})
    add_test(NAME python_${NAME}_${test} COMMAND ${pythons} run ${KERMA_TEST_VENVS}/${VERSION}
      ${CMAKE_CURRENT_SOURCE_DIR}/harness.py ${CMAKE_CURRENT_SOURCE_DIR}/test_${test}.py)
    set_tests_properties(python_${NAME}_${test} PROPERTIES LABELS "python;matrix" TIMEOUT 300 SKIP_RETURN_CODE 77
      FIXTURES_REQUIRED "python_venv_${VERSION};python_module_${MODULE}" ENVIRONMENT "${environment}")
  endforeach()
endfunction()

list(GET found 0 oldest)
list(GET found -1 newest)
string(REGEX REPLACE ".*=" "" lowest "${oldest}")
kerma_add_python_fixture(swig python_swig ${pythons} provide ${KERMA_TEST_VENVS}/swig ${lowest} "swig>=4.5")
set(swig ${KERMA_TEST_VENVS}/swig/venv/bin/swig)
kerma_add_module(abi3 ${lowest} ON NEEDS ${swig} -DSWIG_EXECUTABLE=${swig})
set_property(TEST python_swig APPEND PROPERTY LABELS matrix)
set_tests_properties(python_module_abi3 PROPERTIES FIXTURES_REQUIRED python_swig)

foreach(entry ${found})
  string(REGEX MATCH "^(.*)=(.*)$" entry "${entry}")
  set(version ${CMAKE_MATCH_1})
  set(python ${CMAKE_MATCH_2})
  kerma_add_python_fixture(venv_${version} python_venv_${version}
    ${pythons} provide ${KERMA_TEST_VENVS}/${version} ${python} numpy)
  set_property(TEST python_venv_${version} APPEND PROPERTY LABELS matrix)
  foreach(gil ON OFF)
    if("${python}" STREQUAL "${own_python}" AND "${gil}" STREQUAL "${RELEASE_GIL}")
      continue() # what the other tests use
    endif()
    string(TOLOWER ${version}-${gil} name)
    set(tests ${kerma_safety_tests})
    if("${entry}-${gil}" STREQUAL "${oldest}-OFF" OR "${entry}-${gil}" STREQUAL "${newest}-ON")
      list(APPEND tests ${kerma_ends_tests})
    endif()
    kerma_add_module(${name} ${python} ${gil})
    kerma_add_matrix_tests(${name} ${name} ${version} ${gil} ${tests})
  endforeach()
  set(tests first option)
  if("${entry}" STREQUAL "${oldest}" OR "${entry}" STREQUAL "${newest}")
    set(tests ${kerma_safety_tests})
  endif()
  kerma_add_matrix_tests(abi3_on_${version} abi3 ${version} ON ${tests})
endforeach()
