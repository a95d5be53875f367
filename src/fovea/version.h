/* The version of Fovea, semantic (https://semver.org): the one place where it stands. CMake reads it. C and C++. */
#ifndef FOVEA_VERSION_H_
#define FOVEA_VERSION_H_

#define FOVEA_VERSION_MAJOR 0
#define FOVEA_VERSION_MINOR 1
#define FOVEA_VERSION_PATCH 0
#define FOVEA_VERSION "0.1.0"

#endif /* FOVEA_VERSION_H_ */
