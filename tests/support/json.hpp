#pragma once

#include <string_view>

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

/// How tests look into JSON: values of Poco's, but not by its parser, whose versions disagree about numbers (1.13
/// refuses integers beyond 64 bits, which 1.11 took), nor by ours, which they check.
namespace sluice::test {

/// One JSON document. A number is a 64 bit integer or, if it was written as a float, a double; what neither can hold
/// stays the text that it was. Throws Poco::SyntaxException for what is no JSON.
Poco::Dynamic::Var json_document(std::string_view text);

/// A document that is an object. Throws for any other.
Poco::JSON::Object::Ptr json_object(std::string_view text);

} // namespace sluice::test
