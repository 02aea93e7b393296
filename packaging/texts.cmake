# Writes manual pages and completions: run by `cmake --install` with program, mandir, datadir and sysconfdir set.
execute_process(COMMAND "${program}" --version RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${program} does not run here: ${code}")
endif()

file(MAKE_DIRECTORY "${mandir}")
execute_process(COMMAND "${program}" help --man-pages "${mandir}" RESULT_VARIABLE code ERROR_QUIET)
if(code EQUAL 0)
  file(GLOB pages "${mandir}/sluice*.1")
  execute_process(COMMAND gzip --best --force --no-name ${pages} COMMAND_ERROR_IS_FATAL ANY)
else()
  message(FATAL_ERROR "no manual pages: ${program} help --man-pages ended with ${code}")
endif()

foreach(completion IN ITEMS bash:bash-completion/completions/sluice zsh:zsh/vendor-completions/_sluice
                            fish:fish/vendor_completions.d/sluice.fish)
  string(REGEX MATCH "^[a-z]+" shell "${completion}")
  string(REGEX REPLACE "^[a-z]+:" "" file "${completion}")
  execute_process(
    COMMAND "${program}" completions "${shell}"
    OUTPUT_VARIABLE text
    RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "no completion for ${shell}: ${program} completions ended with ${code}")
  endif()
  file(WRITE "${datadir}/${file}" "${text}")
endforeach()
