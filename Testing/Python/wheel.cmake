# The wheel, made once from the source distribution, in a clean environment that sees nothing else of kerma.
set(kerma_wheel_tests first)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/test_option.py)
  list(APPEND kerma_wheel_tests option)
endif()

function(kerma_add_wheel_test NAME GIL)
  kerma_add_python_fixture(${NAME} python_${NAME}
    ${PROJECT_SOURCE_DIR}/cmake/make-wheel ${built}/${NAME} -DRELEASE_GIL=${GIL})
  set_tests_properties(python_${NAME} PROPERTIES LABELS "python;install;${ARGN}"
    ENVIRONMENT PYTHON=${Python_EXECUTABLE})
  add_test(NAME python_${NAME}_installed COMMAND ${Python_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/check_wheel.py
    --wheel ${built}/${NAME} --source ${PROJECT_SOURCE_DIR} --hide ${PROJECT_BINARY_DIR} --hide ${PROJECT_SOURCE_DIR}
    --release-gil $<BOOL:${GIL}> ${kerma_wheel_tests})
  set_tests_properties(python_${NAME}_installed PROPERTIES LABELS "python;install;${ARGN}" TIMEOUT 300
    SKIP_RETURN_CODE 77 FIXTURES_REQUIRED python_${NAME})
endfunction()
kerma_add_wheel_test(wheel ON)
kerma_add_wheel_test(wheel_gil_held OFF slow)
