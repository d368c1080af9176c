# Whether and how the Python package is built. KERMA_BUILD_PYTHON AUTO takes what is there and says what it found; ON
# makes what is missing an error.
include(CMakeDependentOption)

set(KERMA_BUILD_PYTHON AUTO CACHE STRING "Build the Python package: AUTO, ON or OFF")
set_property(CACHE KERMA_BUILD_PYTHON PROPERTY STRINGS AUTO ON OFF)

# A wheel (scikit-build-core sets SKBUILD) is for all Pythons from 3.10 on, and older SWIGs cannot write such a module.
set(kerma_swig_wanted 4.1)
if(SKBUILD)
  set(kerma_swig_wanted 4.5)
endif()

set(KERMA_HAS_PYTHON OFF)
set(kerma_python_is "not built (KERMA_BUILD_PYTHON=OFF)")
if(KERMA_BUILD_PYTHON)
  find_package(Python 3.10 QUIET COMPONENTS Interpreter Development.Module)
  find_package(SWIG ${kerma_swig_wanted} QUIET COMPONENTS python)
  set(kerma_python_missing "")
  if(NOT Python_FOUND)
    list(APPEND kerma_python_missing "Python 3.10 or later with its headers (Debian: python3-dev)")
  endif()
  if(NOT SWIG_FOUND)
    list(APPEND kerma_python_missing "SWIG ${kerma_swig_wanted} or later (Debian: swig; PyPI: swig)")
  endif()
  list(JOIN kerma_python_missing " and " kerma_python_missing)
  if(kerma_python_missing STREQUAL "")
    set(KERMA_HAS_PYTHON ON)
  elseif(KERMA_BUILD_PYTHON STREQUAL "AUTO")
    set(kerma_python_is "not built: no ${kerma_python_missing}")
  else()
    message(FATAL_ERROR "KERMA_BUILD_PYTHON is ${KERMA_BUILD_PYTHON}, but there is no ${kerma_python_missing}.\n"
      "Install it, name it (-DPython_EXECUTABLE=..., -DSWIG_EXECUTABLE=...), "
      "or configure with -DKERMA_BUILD_PYTHON=OFF.")
  endif()
endif()

# No prefix: it is the name that users look for.
cmake_dependent_option(RELEASE_GIL "Let other Python threads run during long calls (SWIG's -threads)" ON
  "KERMA_HAS_PYTHON" OFF)
if(KERMA_HAS_PYTHON)
  if(RELEASE_GIL)
    set(kerma_python_is "${Python_VERSION}, SWIG ${SWIG_VERSION}, long calls release the GIL")
  else()
    set(kerma_python_is "${Python_VERSION}, SWIG ${SWIG_VERSION}, long calls hold the GIL")
  endif()
endif()
