# Decoder and validator.
wasmaot_unit_test(leb128 wa_front)
wasmaot_unit_test(instr wa_front)
wasmaot_unit_test(decoder wa_front)
wasmaot_unit_test(validator wa_front)
wasmaot_unit_test(features wa_front)
wasmaot_unit_test(sha256)
target_sources(test_sha256 PRIVATE "${PROJECT_SOURCE_DIR}/compiler/base/sha256.c")
