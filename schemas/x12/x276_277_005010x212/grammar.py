"""Claim status request and response (276 and 277 005010X212): loops, segments, elements and codes.

The notation is that of `schemas.x12.guide`; the facts are the implementation guide's.
"""

from textwrap import indent

GRAMMAR_277 = """
  BHT R 1 1!=0010 2!=08 3! 4! 5! 6!=DG
  @2000A R >1
    HL R 1 1! 3!=20 4!=1 x2
    @2100A R 1
      NM1 R 1 1!=PR 2!=2 3! 8!=PI,XV 9! x4-7,10-12
      PER S 1 1!=IC 3!=ED,EM,FX,TE 4! 5=ED,EM,EX,FX,TE 7=ED,EM,EX,FX,TE x9
    @2000B R >1
      HL R 1 1! 2! 3!=21 4!=0,1
      @2100B R 1
        NM1 R 1 1!=41 2!=1,2 8!=46 9! x6-7,10-12
      @2200B S 1
        TRN R 1 1!=2 2! x3-4
        STC R >1 1!(1! 2! 3=41,AY,PR x4) 2! 10-11(1! 2! x4) x3-9,12
  @2000C S >1
    HL R 1 1! 2! 3!=19 4!=0,1
    @2100C R 2
      NM1 R 1 1!=1P 2!=1,2 8!=FI,SV,XX 9! x6,10-12
    @2200C S 1
      TRN R 1 1!=1 2! x3-4
      STC R >1 1!(1! 2! 3=1P x4) 2! 10-11(1! 2! x4) x3-9,12
  @2000D S >1
    HL R 1 1! 2! 3!=22 4!=0,1
    @2100D R 1
      NM1 R 1 1!=IL 2!=1,2 3! 8!=24,II,MI 9! x6,10-12
    @2200D S >1
      TRN R 1 1!=2 2! x3-4
      STC R >1 1!(1! 2! 4=RX) 2! 10-11(1! 2! 4=RX) x3,7,12
      REF S 1/ 1!=1K,BLT,EJ,XZ,VV,D9 2! x3-4
      DTP S 1 1!=472 2!=D8,RD8 3!
      @2220D S >1
        SVC R 1 1!(1!=AD,ER,HC,HP,IV,N4,NU,WK 2! x7-8) 2! 3! 7! x5-6
        STC R >1 1!(1! 2! 4=RX) 2! 10-11(1! 2! 4=RX) x3-9,12
        REF S 1 1!=FJ 2! x3-4
        DTP R 1 1!=472 2!=D8,RD8 3!
  @2000E S >1
    HL R 1 1! 2! 3!=23 x4
    @2100E R 1
      NM1 R 1 1!=QC 2!=1 3! x6,8-12
    @2200E R >1
      TRN R 1 1!=2 2! x3-4
      STC R >1 1!(1! 2! 4=RX) 2! 10-11(1! 2! 4=RX) x3,7,12
      REF S 1/ 1!=1K,BLT,EJ,XZ,VV,D9 2! x3-4
      DTP S 1 1!=472 2!=D8,RD8 3!
      @2220E S >1
        SVC R 1 1!(1!=AD,ER,HC,HP,IV,N4,NU,WK 2! x7-8) 2! 3! 7! x5-6
        STC R >1 1!(1! 2! 4=RX) 2! 10-11(1! 2! 4=RX) x3-9,12
        REF S 1 1!=FJ 2! x3-4
        DTP R 1 1!=472 2!=D8,RD8 3!
"""

# The request: a claim asked for is a TRN with what identifies it. Subscriber (D) and dependent (E) alike.
_ASKED = """\
@2200@L S >1
  TRN R 1 1!=1 2! x3-4
  REF S 1/ 1!=1K,BLT,LU,6P,EJ,XZ,D9 2! x3-4
  AMT S 1 1!=T3 2! x3
  DTP S 1 1!=472 2!=D8,RD8 3!
  @2210@L S >1
    SVC R 1 1!(1!=AD,ER,HC,HP,IV,N4,NU,WK 2! x7-8) 2! 7! x3,5-6
    REF S 1 1!=FJ 2! x3-4
    DTP R 1 1!=472 2!=D8,RD8 3!
"""
GRAMMAR_276 = f"""
  BHT R 1 1!=0010 2!=13 3! 4! 5! x6
  @2000A R >1
    HL R 1 1! 3!=20 4!=1 x2
    @2100A R 1
      NM1 R 1 1!=PR 2!=2 3! 8!=PI,XV 9! x4-7,10-12
    @2000B R >1
      HL R 1 1! 2! 3!=21 4!=1
      @2100B R 1
        NM1 R 1 1!=41 2!=1,2 8!=46 9! x6-7,10-12
      @2000C R >1
        HL R 1 1! 2! 3!=19 4!=1
        @2100C R 2
          NM1 R 1 1!=1P 2!=1,2 8!=FI,SV,XX 9! x6,10-12
        @2000D R >1
          HL R 1 1! 2! 3!=22 4!=0,1
          DMG S 1 1!=D8 2! 3=F,M x4-11
          @2100D R 1
            NM1 R 1 1!=IL 2!=1,2 3! 8!=24,II,MI 9! x6,10-12
{indent(_ASKED.replace("@L", "D"), " " * 10)}          @2000E S >1
            HL R 1 1! 2! 3!=23 x4
            DMG R 1 1!=D8 2! 3=F,M x4-11
            @2100E R 1
              NM1 R 1 1!=QC 2!=1 3! x6,8-12
{indent(_ASKED.replace("@L", "E"), " " * 12)}"""
