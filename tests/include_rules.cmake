# Fails if a source file includes anything of ours by a path: rooms are entered by their bare header names only.
string(REPLACE "|" ";" FOLDERS "${FOLDERS}")
foreach(folder IN LISTS FOLDERS)
  file(GLOB files "${folder}/*.c" "${folder}/*.h")
  foreach(file IN LISTS files)
    file(STRINGS "${file}" bad REGEX "^[ \t]*#[ \t]*include[ \t]*\"[^\"]*/")
    if(bad)
      message(FATAL_ERROR "${file}: a quoted include must not contain a slash: ${bad}")
    endif()

    # Angle brackets may name a folder of a library, but must not climb out of one or start at the root.
    file(STRINGS "${file}" bad REGEX "^[ \t]*#[ \t]*include[ \t]*<([ \t]*/|([^>]*/)?[.][.]/)")
    if(bad)
      message(FATAL_ERROR "${file}: an include must name no absolute path and climb nowhere: ${bad}")
    endif()
  endforeach()
endforeach()
