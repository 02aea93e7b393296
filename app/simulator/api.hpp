#pragma once

#include "app/simulator/account.hpp"
#include "app/simulator/query.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::simulator {

/// What the API looks at in a request.
struct api_request {
  std::string method = "GET";
  /// Path and query as sent.
  std::string target;
  /// `http://` and the Host header: links of lists lead back there.
  std::string origin;
};

/// An answer before it becomes bytes.
struct api_answer {
  int status = 200;
  /// Beside those of every answer.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string content_type = "application/json";
  /// Compact JSON, unless `content_type` says otherwise.
  std::string body;
};

/// Wrong things that a list may say. They do not touch other bodies.
struct list_distortion {
  /// If set, links.next leads to this origin.
  std::string next_origin;
  /// links.next is the page itself.
  bool next_is_self = false;
  bool without_data = false;
  /// From page 2 on the rows are those of the page before.
  bool repeats_page = false;
  /// The second half of the rows is missing.
  bool halves_page = false;
};

/// An answer with the API's error object: `{"error":{"id":"1020",...}}`. `status` 0 takes the one that belongs to the
/// id.
api_answer error_answer(int id, int status = 0, std::string_view message = {});

/// The API's error id that belongs to an HTTP status.
int error_id_for(int status) noexcept;

/// The endpoint's name as in `request_record::endpoint`.
std::string_view endpoint_of(const std::string& target);

/// The survey that a request is about, if it is about one that is there.
std::optional<std::uint64_t> survey_of(const account& a, std::string_view target);

/// Answers a request that has passed the token and the limits. Unknown ids give 404, parameters that the endpoint does
/// not know or that make no sense 400. `per_page` above the endpoint's maximum (1000 for surveys, collectors and
/// responses without answers 100 each, bulk 100) counts as the maximum.
api_answer answer(const account& a, const api_request& request, const list_distortion& distortion = {});

} // namespace sluice::simulator
