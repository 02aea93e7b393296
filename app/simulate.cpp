#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/signals.hpp"
#include "app/simulator/server.hpp"
#include "app/terminal.hpp"
#include "messages/text/json_text.hpp"

#include <cstdio>
#include <string>
#include <string_view>
#include <unistd.h>

namespace sluice {

namespace {

/// The limit of a config says what the account's is; without one, none is wanted.
std::string config_text(const command_line& cl, const std::string& url) {
  constexpr std::uint64_t no_limit = 1'000'000;
  const auto limit = cl.simulator.limits.minute.limit;
  return R"({"access_token": )" + json_string(cl.simulator.token) + R"(, "api_url": )" + json_string(url)
         + R"(, "rate_limit_per_minute": )" + std::to_string(limit > 0 ? limit : no_limit) + "}\n";
}

/// For config/examples/shop.yaml.
std::string expiring_config_text(const std::string& url) {
  using desk = simulator::credential_desk;
  const auto member
    = [](const char* name, std::string_view text) { return std::string{", \""} + name + "\": " + json_string(text); };
  return R"({"url": )" + json_string(url) + R"(, "credentials": {"kind": "refresh_token")"
         + member("client_id", desk::client_id) + member("client_secret", desk::client_secret)
         + member("refresh_token", desk::refresh_token) + member("username", desk::username)
         + member("password", desk::password)
         + member("tokens", std::string{desk::pool_token} + "1," + std::string{desk::pool_token} + "2,"
                              + std::string{desk::pool_token} + "3")
         + "}}\n";
}

} // namespace

int run_simulate(const command_line& cl) {
  console c{cl};
  auto server = simulator::server::start(cl.simulator);
  if (!server) {
    // Not an Airbyte verb: people read this.
    std::fprintf(stderr, "sluice: %s\n", server.error().message.c_str());
    return 1;
  }
  // Whoever starts it in a script reads the config from stdout.
  if (!c.print(config_text(cl, (*server)->url()))) {
    (*server)->stop();
    return 1;
  }
  print_patiently(STDERR_FILENO, "Simulating a SurveyMonkey account at " + (*server)->url()
                                   + " until interrupted; its config is on stdout. A plain list: " + (*server)->url()
                                   + "/lists/items. With credentials that expire (docs/credentials.md), "
                                   + "a config for them:\n" + expiring_config_text((*server)->url()));
  int signal = wait_for_stop_signal();
  (*server)->stop();
  auto numbers = (*server)->statistics();
  std::fprintf(stderr, "Served %llu requests, %llu of them with a fault; the account changed %llu times.\n",
               static_cast<unsigned long long>(numbers.requests), static_cast<unsigned long long>(numbers.faults),
               static_cast<unsigned long long>((*server)->changes()));
  return 128 + signal;
}

} // namespace sluice
