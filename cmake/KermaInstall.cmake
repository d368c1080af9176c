# The build tree is laid out as the installed one (bin/, lib/), and the installed
# one may be moved as a whole: nothing in it holds an absolute path.
include(CMakePackageConfigHelpers)

set_target_properties(kerma PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

# A wheel is the Python package with the library and the command in it, and nothing else. It cannot hold symbolic links,
# so the library has one name.
if(SKBUILD)
  set_property(TARGET kerma PROPERTY VERSION)
  set_property(TARGET kerma PROPERTY SOVERSION)
  set_target_properties(kerma_command PROPERTIES OUTPUT_NAME kerma INSTALL_RPATH "\$ORIGIN/..")
  target_link_options(kerma_command PRIVATE LINKER:--disable-new-dtags)
  install(TARGETS kerma LIBRARY DESTINATION kerma COMPONENT python)
  install(TARGETS kerma_command RUNTIME DESTINATION kerma/bin COMPONENT python)
  return()
endif()

install(TARGETS kerma EXPORT kermaTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY Include/kerma DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

# The command finds its library beside itself: $ORIGIN/../lib, or what CMAKE_INSTALL_LIBDIR makes of it.
if(TARGET kerma_command)
  file(RELATIVE_PATH kerma_lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(kerma_command PROPERTIES
    OUTPUT_NAME kerma
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin
    INSTALL_RPATH "\$ORIGIN/${kerma_lib_from_bin}")
  install(TARGETS kerma_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# find_package(kerma): kerma::kerma
set(kerma_cmakedir ${CMAKE_INSTALL_LIBDIR}/cmake/kerma)
# The build tree can be found too (kerma_DIR=<build>/cmake): Wrapping/ builds modules for further Pythons against it.
export(EXPORT kermaTargets NAMESPACE kerma:: FILE ${PROJECT_BINARY_DIR}/cmake/kermaTargets.cmake)
install(EXPORT kermaTargets NAMESPACE kerma:: DESTINATION ${kerma_cmakedir})
configure_package_config_file(cmake/kermaConfig.cmake.in ${PROJECT_BINARY_DIR}/cmake/kermaConfig.cmake
  INSTALL_DESTINATION ${kerma_cmakedir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break what was there.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/kermaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/cmake/kermaConfig.cmake ${PROJECT_BINARY_DIR}/cmake/kermaConfigVersion.cmake
  DESTINATION ${kerma_cmakedir})

# pkg-config kerma: the prefix is found from where the file lies.
set(kerma_pcdir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(kerma_pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH kerma_pc_prefix ${kerma_pcdir} ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" kerma_pc_prefix "\${pcfiledir}/${kerma_pc_prefix}")
endif()
foreach(dir LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(kerma_pc_${dir} ${CMAKE_INSTALL_${dir}})
  else()
    set(kerma_pc_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
configure_file(cmake/kerma.pc.in ${PROJECT_BINARY_DIR}/cmake/kerma.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cmake/kerma.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
