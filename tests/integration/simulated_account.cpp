#include "tests/integration/simulated_account.hpp"

#include "tests/support/catch2.hpp"

namespace sluice::test {

std::vector<std::string> all_streams() {
  return {"surveys",          "survey_responses",  "survey_details", "survey_pages",
          "survey_questions", "survey_collectors", "collectors",     "survey_responses_bulk"};
}

simulator::options small_account() {
  simulator::options o;
  o.account.surveys = 12;
  o.account.responses = {0, 12};
  o.token = secret_token;
  return o;
}

simulated_account::simulated_account(const simulator::options& o) {
  auto started = simulator::server::start(o);
  REQUIRE(started);
  server_ = std::move(*started);
}

std::string simulated_account::config(const std::string& more, const std::string& token) const {
  // Without a limit of the server's none is wanted, unless the test says otherwise.
  auto limit = more.find("rate_limit_per_minute") == std::string::npos ? R"(,"rate_limit_per_minute":1000000)" : "";
  return files_.write("config.json", R"({"access_token":")" + token + R"(","api_url":")" + server_->url() + "\"" + limit
                                       + (more.empty() ? "" : "," + more) + "}");
}

std::string simulated_account::catalog(const std::vector<std::string>& streams, bool incremental) const {
  std::string text;
  for (const auto& s : streams) {
    bool has_cursor = s == "surveys" || s == "survey_responses_bulk";
    bool i = incremental && has_cursor;
    text += (text.empty() ? "" : ",") + std::string{R"({"stream":{"name":")"} + s
            + R"(","json_schema":{},"supported_sync_modes":["full_refresh")" + (has_cursor ? R"(,"incremental")" : "")
            + R"(]},"sync_mode":")" + (i ? "incremental" : "full_refresh") + R"(","destination_sync_mode":"append"})";
  }
  return files_.write("catalog.json", R"({"streams":[)" + text + "]}");
}

std::vector<std::string> simulated_account::read_command(const std::vector<std::string>& streams,
                                                         const std::string& more_config,
                                                         const std::vector<std::string>& more_arguments) const {
  std::vector<std::string> result{SLUICE_BINARY, "read",           "--config",   config(more_config),
                                  "--catalog",   catalog(streams), "--progress", "never"};
  result.insert(result.end(), more_arguments.begin(), more_arguments.end());
  return result;
}

sync_result simulated_account::read(const std::vector<std::string>& streams, const std::string& more_config,
                                    const std::vector<std::string>& more_arguments) const {
  return sync_result{run_program(read_command(streams, more_config, more_arguments))};
}

std::multiset<std::string> simulated_account::expected(const std::string& stream) const {
  auto records = account().expected_records(stream);
  return {records.begin(), records.end()};
}

std::set<std::string> simulated_account::survey_ids() const {
  std::set<std::string> result;
  for (std::uint64_t i = 0; i < account().surveys(); ++i)
    result.insert(account().survey_id(i));
  return result;
}

std::string describe(const program_result& r) {
  auto end_of
    = [](const std::string& text) { return text.size() <= 3000 ? text : "..." + text.substr(text.size() - 3000); };
  return "exit code " + std::to_string(r.exit_code) + ", signal " + std::to_string(r.signal)
         + (r.timed_out ? ", killed because it did not end" : "") + "\n-- stdout\n" + end_of(r.out) + "\n-- stderr\n"
         + end_of(r.err);
}

} // namespace sluice::test
