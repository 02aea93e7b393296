# Installs into a folder and tries what lies there: BUILD and FOLDER are set.
file(REMOVE_RECURSE "${FOLDER}")
execute_process(
  COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${FOLDER}/usr"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

foreach(file IN ITEMS bin/sluice share/doc/sluice/README.md share/doc/sluice/copyright share/doc/sluice/docs/user-guide.md
                      share/doc/sluice/docs/recipes/README.md share/doc/sluice/examples/config.json
                      share/doc/sluice/examples/sluice.yaml share/doc/sluice/examples/surveymonkey.yaml)
  if(NOT EXISTS "${FOLDER}/usr/${file}")
    message(FATAL_ERROR "${file} is not installed")
  endif()
endforeach()

execute_process(
  COMMAND "${FOLDER}/usr/bin/sluice" demo --surveys 2 --latency 0ms --progress never
  OUTPUT_VARIABLE messages
  ERROR_VARIABLE summary COMMAND_ERROR_IS_FATAL ANY)
if(NOT summary MATCHES "8 of 8 streams complete")
  message(FATAL_ERROR "the installed program says: ${summary}")
endif()
