# cmake --install: headers, library, tool, and what CMake and pkg-config need to find them. Nothing names the place where
# it was installed, so the whole may be moved.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Fovea)
install(TARGETS fovea EXPORT FoveaTargets FILE_SET HEADERS FILE_SET c_headers)
if(FOVEA_TOOL)
  install(TARGETS fovea_tool)
endif()
install(EXPORT FoveaTargets NAMESPACE Fovea:: DESTINATION ${package_dir})

# A static library leaves its dependencies to whoever links it, who may know no C++.
set(libraries ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(FILTER libraries EXCLUDE REGEX "gcc|^c$")
list(JOIN libraries " " FOVEA_CXX_LIBRARIES)  # stdc++ m
list(TRANSFORM libraries PREPEND "-l")
list(JOIN libraries " " libraries)
set(PKG_CONFIG_REQUIRES "Requires")
set(PKG_CONFIG_LIBS "-pthread ${libraries}")
if(BUILD_SHARED_LIBS)
  set(FOVEA_FIND_DEPENDENCIES "")
  set(FOVEA_CXX_LIBRARIES "")
  set(PKG_CONFIG_REQUIRES "Requires.private")
  set(PKG_CONFIG_LIBS "")
endif()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/FoveaConfig.cmake.in ${PROJECT_BINARY_DIR}/FoveaConfig.cmake
                              INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before version 1 a new minor version may change anything.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/FoveaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/FoveaConfig.cmake ${PROJECT_BINARY_DIR}/FoveaConfigVersion.cmake
        DESTINATION ${package_dir})

set(pkg_config_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH PREFIX_FROM_PKG_CONFIG ${pkg_config_dir} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH HEADERS_FROM_PKG_CONFIG ${pkg_config_dir} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(${CMAKE_CURRENT_LIST_DIR}/fovea.pc.in ${PROJECT_BINARY_DIR}/fovea.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/fovea.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
