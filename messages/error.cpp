#include "messages/error.hpp"

#include <array>
#include <utility>

namespace sluice {

namespace {

constexpr std::array descriptions = {
  std::string_view{"no error"},
  std::string_view{"the arguments are wrong"},
  std::string_view{"a file cannot be read"},
  std::string_view{"the connector configuration is not valid"},
  std::string_view{"the configured catalogue is not valid"},
  std::string_view{"the state file is not valid"},
  std::string_view{"the tuning file or a --set option is not valid"},
  std::string_view{"the manifest is not valid or uses something that is not supported"},
  std::string_view{"a template of the manifest cannot be evaluated"},
  std::string_view{"no connection could be made, or it broke"},
  std::string_view{"a time limit passed"},
  std::string_view{"the TLS connection could not be trusted"},
  std::string_view{"a response body ended before its announced end"},
  std::string_view{"a response body is larger than the configured bound"},
  std::string_view{"the server's answer is not valid HTTP"},
  std::string_view{"the server answered with an error status"},
  std::string_view{"a link leads to a foreign host and was not followed"},
  std::string_view{"a page is not what the manifest says it must be"},
  std::string_view{"the account's quota is used up"},
  std::string_view{"the reader of stdout went away"},
  std::string_view{"the run was interrupted"},
  std::string_view{"something happened that must not happen"},
};
static_assert(descriptions.size() == errc_count);

} // namespace

tl::unexpected<error> fail(errc code, failure_type failure, std::string message, std::string internal_message) {
  return tl::unexpected<error>(error{code, failure, std::move(message), std::move(internal_message)});
}

std::string_view describe(errc code) noexcept {
  auto index = static_cast<std::size_t>(code);
  return index < descriptions.size() ? descriptions[index] : descriptions.back();
}

std::string_view to_string(failure_type failure) noexcept {
  switch (failure) {
    case failure_type::config_error:
      return "config_error";
    case failure_type::transient_error:
      return "transient_error";
    case failure_type::system_error:
      break;
  }
  return "system_error";
}

} // namespace sluice
