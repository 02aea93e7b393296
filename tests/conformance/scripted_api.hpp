#pragma once

#include "config/language/value.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// A server on 127.0.0.1 that answers by a case's routes: by the first that matches and is not used up, else with 404.
class scripted_api {
public:
  scripted_api();
  ~scripted_api();
  scripted_api(const scripted_api&) = delete;
  scripted_api& operator=(const scripted_api&) = delete;

  /// `127.0.0.1:PORT`.
  std::string address() const;

  /// Begins anew, with these routes. Headers are kept of requests if their names, in lower case, are among `headers`.
  void play(const language::value& routes, const std::vector<std::string>& headers);
  /// The requests since then, in the form of recordings: see README.md.
  std::vector<language::value> requests() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice::test
