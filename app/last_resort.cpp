#include "app/last_resort.hpp"

#include "actors/support/threads.hpp"

#include <Poco/Exception.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <system_error>
#include <unistd.h>

namespace sluice {

namespace {

bool lacks_thread(const std::exception& e) {
  const auto* problem = dynamic_cast<const std::system_error*>(&e);
  const auto* poco = dynamic_cast<const Poco::SystemException*>(&e);
  return (problem != nullptr && problem->code() == std::errc::resource_unavailable_try_again)
         || (poco != nullptr && poco->message().find("thread") != std::string::npos);
}

bool lacks_descriptor(const std::exception& e) {
  const auto* problem = dynamic_cast<const std::system_error*>(&e);
  return problem != nullptr
         && (problem->code() == std::errc::too_many_files_open
             || problem->code() == std::errc::too_many_files_open_in_system);
}

bool lacks_memory(const std::exception& e) {
  const auto* problem = dynamic_cast<const std::system_error*>(&e);
  return dynamic_cast<const std::bad_alloc*>(&e) != nullptr
         || (problem != nullptr && problem->code() == std::errc::not_enough_memory);
}

/// With little memory, maybe none.
[[noreturn]] void take_uncaught() {
  auto problem = std::current_exception();
  try {
    if (problem)
      std::rethrow_exception(problem);
  } catch (const std::exception& e) {
    const bool resources = lacks_thread(e) || lacks_memory(e);
    std::fprintf(stderr, "sluice: %s\n", lacks_memory(e) ? "The memory is used up." : error_of(e).message.c_str());
    if (resources)
      ::_exit(1);
  } catch (...) {
    // not one of ours
  }
  std::abort();
}

} // namespace

error error_of(const std::exception& e) {
  if (lacks_thread(e))
    return no_thread(e.what());
  if (lacks_descriptor(e))
    return {errc::internal, failure_type::system_error,
            "The system allows no further file descriptor (" + std::string{e.what()}
              + "): raise its limit (ulimit -n, a container's nofile limit).",
            ""};
  if (lacks_memory(e))
    return {errc::internal, failure_type::system_error,
            "The memory that the system allows is used up: raise its limit (ulimit -v, a container's memory limit).",
            ""};
  const auto* poco = dynamic_cast<const Poco::Exception*>(&e);
  return {errc::internal, failure_type::system_error,
          "An unexpected error, which is a fault of the program: "
            + (poco != nullptr ? poco->displayText() : std::string{e.what()}) + ".",
          ""};
}

void install_last_resort() {
  std::set_terminate(take_uncaught);
}

} // namespace sluice
