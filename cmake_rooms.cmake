# How rooms are built: one static library a folder, its folder on the quoted include path of those whom the table in
# CMakeLists.txt lets in, and of nobody else.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

# Warnings, hardening and sanitizers, for every target of this project.
add_library(keyturn_flags INTERFACE)
target_compile_definitions(keyturn_flags INTERFACE KEYTURN_VERSION="${PROJECT_VERSION}" _GNU_SOURCE)
target_compile_options(keyturn_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
  $<$<C_COMPILER_ID:GNU>:-Wjump-misses-init>
  $<$<C_COMPILER_ID:Clang>:-Wno-gnu-statement-expression -Wno-gnu-auto-type>
  -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero
  $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection=full>)
target_link_options(keyturn_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
if(KEYTURN_WERROR)
  target_compile_options(keyturn_flags INTERFACE -Werror)
endif()
if(KEYTURN_SANITIZE)
  target_compile_options(keyturn_flags INTERFACE -fsanitize=${KEYTURN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(keyturn_flags INTERFACE -fsanitize=${KEYTURN_SANITIZE})
else()
  # Fortification needs optimisation and gets in the way of the sanitizers' own checks.
  target_compile_options(keyturn_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=3>)
endif()
include(CheckPIESupported)
check_pie_supported()

function(keyturn_room name folder)
  cmake_parse_arguments(ROOM "" "" "USES;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.c)
  add_library(${name} STATIC ${sources})
  target_compile_options(${name} PUBLIC "SHELL:-iquote ${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
  target_link_libraries(${name} PRIVATE keyturn_flags ${ROOM_USES} ${ROOM_LIBS})
  set_property(GLOBAL APPEND PROPERTY KEYTURN_FOLDERS ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
endfunction()

# A quoted include with a slash in it would climb over the walls: refuse it at build time.
function(keyturn_check_includes)
  get_property(folders GLOBAL PROPERTY KEYTURN_FOLDERS)
  string(REPLACE ";" "|" folders "${folders}")
  add_custom_target(include_rules ALL
    COMMAND ${CMAKE_COMMAND} "-DFOLDERS=${folders}" -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/cmake_include_rules.cmake
    COMMENT "Checking the include rules" VERBATIM)
endfunction()
