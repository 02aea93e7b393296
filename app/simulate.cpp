#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/signals.hpp"
#include "app/simulator/server.hpp"

#include <cstdio>

namespace sluice {

int run_simulate(const command_line& cl) {
  console c{cl};
  auto server = simulator::server::start(cl.simulator);
  if (!server) {
    // Not an Airbyte verb: people read this.
    std::fprintf(stderr, "sluice: %s\n", server.error().message.c_str());
    return 1;
  }
  std::fprintf(stderr,
               "Simulating a SurveyMonkey account at %s until interrupted. A config for it:\n"
               "{\"access_token\": \"%s\", \"api_url\": \"%s\"}\n",
               (*server)->url().c_str(), cl.simulator.token.c_str(), (*server)->url().c_str());
  using desk = simulator::credential_desk;
  std::fprintf(
    stderr,
    "APIs whose credentials expire are at /oauth and /session there (docs/credentials.md). A config for them:\n"
    "{\"url\": \"%s\", \"credentials\": {\"kind\": \"refresh_token\", \"client_id\": \"%s\", \"client_secret\": "
    "\"%s\", "
    "\"refresh_token\": \"%s\", \"username\": \"%s\", \"password\": \"%s\"}}\n",
    (*server)->url().c_str(), std::string{desk::client_id}.c_str(), std::string{desk::client_secret}.c_str(),
    std::string{desk::refresh_token}.c_str(), std::string{desk::username}.c_str(), std::string{desk::password}.c_str());
  int signal = wait_for_stop_signal();
  (*server)->stop();
  auto numbers = (*server)->statistics();
  std::fprintf(stderr, "Served %llu requests, %llu of them with a fault; the account changed %llu times.\n",
               static_cast<unsigned long long>(numbers.requests), static_cast<unsigned long long>(numbers.faults),
               static_cast<unsigned long long>((*server)->changes()));
  return 128 + signal;
}

} // namespace sluice
