#pragma once

#include "actors/net/transport.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace sluice::test {

/// A small SurveyMonkey account in memory, answered without sockets: for tests of the actors on the deterministic
/// scheduler. Thread-safe.
class fake_api {
public:
  struct response {
    std::string id;
    std::int64_t modified_s = 0; // seconds since the epoch
  };
  struct survey {
    std::string id;
    std::int64_t modified_s = 0;
    /// In ascending order of their times; some share one.
    std::vector<response> responses;
  };

  explicit fake_api(std::vector<survey> surveys) : surveys_(std::move(surveys)) {}

  /// Surveys modified at random moments between two, with a few responses each.
  static std::vector<survey> random_surveys(std::uint64_t seed, std::size_t count, std::int64_t from_s,
                                            std::int64_t to_s);

  /// May replace an answer; called with the request's path and query, before the account is asked. Empty: no fault.
  using fault
    = std::function<std::optional<tl::expected<net::response, net::transport_failure>>(const std::string& target)>;
  void set_fault(fault f) { fault_ = std::move(f); }

  /// Sees every request before the faults do, with its headers and its number, from 1, and may answer it instead of the
  /// account.
  using gate = std::function<std::optional<net::response>(const net::request& r, std::size_t number)>;
  void set_gate(gate g) { gate_ = std::move(g); }

  tl::expected<net::response, net::transport_failure> answer(const net::request& r);

  /// May change the account before a request is answered; called with the request's number, from 1.
  using change = std::function<void(std::vector<survey>& surveys, std::size_t request)>;
  void set_change(change c) { change_ = std::move(c); }

  const std::vector<survey>& surveys() const { return surveys_; }
  /// Targets (path and query) in the order in which they were asked for.
  std::vector<std::string> log() const;

private:
  net::response list_surveys(const std::map<std::string, std::string>& query) const;
  net::response list_responses(const std::string& id, const std::map<std::string, std::string>& query) const;
  net::response list_bulk(const std::string& id, const std::map<std::string, std::string>& query) const;

  std::vector<survey> surveys_;
  gate gate_;
  fault fault_;
  change change_;
  mutable std::mutex mutex_;
  std::vector<std::string> log_;
};

net::response json_response(int status, std::string body, header_list headers = {});

/// A transport whose sessions ask the account.
class fake_transport final : public net::transport {
public:
  explicit fake_transport(std::shared_ptr<fake_api> api) : api_(std::move(api)) {}
  std::unique_ptr<net::http_session> open_session() override;
  void abort_all() noexcept override {}

private:
  std::shared_ptr<fake_api> api_;
};

} // namespace sluice::test
