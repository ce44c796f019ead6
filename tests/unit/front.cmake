# Decoder and validator.
wasmaot_unit_test(leb128 wa_front)
wasmaot_unit_test(instr wa_front)
wasmaot_unit_test(decoder wa_front)
wasmaot_unit_test(validator wa_front)
wasmaot_unit_test(features wa_front)
