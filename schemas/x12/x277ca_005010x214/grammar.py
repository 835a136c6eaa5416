"""Claim acknowledgement (277CA 005010X214): loops, segments, elements and codes.

The notation is that of `schemas.x12.guide`; the facts are the implementation guide's.
"""

GRAMMAR = """
  BHT R 1 1!=0085 2!=08 3! 4! 5! 6!=TH
  @2000A R >1
    HL R 1 1! 3!=20 4!=1 x2
    @2100A R 1
      NM1 R 1 1!=PR,AY 2!=2 3! 8!=46,FI,PI,XV 9! x4-7,10-12
    @2200A R >1
      TRN R 1 1!=1 2! x3-4
      DTP R 1 1!=050 2!=D8 3!
      DTP R 1 1!=009 2!=D8 3!
    @2000B R 1
      HL R 1 1! 2! 3!=21 4!=0,1
      @2100B R 1
        NM1 R 1 1!=41 2!=1,2 3! 8!=46 9! x6-7,10-12
      @2200B R 1
        TRN R 1 1!=2 2! x3-4
        STC R >1 1!(1! 2! 3=36,40,41,AY,PR x4) 2! 3!=U,WQ 4! 10-11(1! 2! x4) x5-9,12
        QTY S 1/ 1!=90,AA 2! x3-4
        AMT S 1/ 1!=YU,YY 2! x3
      @2000C R >1
        HL R 1 1! 2! 3!=19 4!=1
        @2100C R >1
          NM1 R 1 1!=85 2!=1,2 3! 8!=FI,SV,XX 9! x10-11
        @2200C R 1
          TRN R 1 1!=1 2! x3-4
          STC R >1 1!(1! 2! 3=36,40,41,77,82,85,87,AY,PR x4) 3!=U,WQ 4! 10-11(1! 2! x4) x2,5-9,12
          REF S 1 1!=0B,1G,G2,LU,SY,TJ 2! x3-4
          QTY S 1/ 1!=QA,QC 2! x3-4
          AMT S 1/ 1!=YU,YY 2! x3
        @2000D R >1
          HL R 1 1! 2! 3!=PT x4
          @2100D R 1
            NM1 R 1 1!=QC 2!=1 3! 8!=II,MI 9! x10-11
          @2200D S >1
            TRN R 1 1!=2 2! x3-4
            STC R >1 1!(1! 2!
                  3=03,1P,1Z,40,41,71,72,73,77,82,85,87,DK,DN,DQ,FA,GB,HK,IL,LI,MSC,PR,PRP,QB,QC,QD,SEP,TL,TTP,TU
                  x4) 2! 3!=U,WQ 4! 10-11(1! 2!) x5-9
            REF S 1/ 1!=1K,D9,BLT 2! x3-4
            DTP R 1 1!=472 2!=RD8,D8 3!
            @2220D S >1
              SVC R 1 1!(1!=AD,ER,HC,HP,IV,NU,WK 2! x7) 2! x3,5-6
              STC R 1 1!(1! 2!
                    3=03,1P,1Z,40,41,71,72,73,77,82,85,87,DK,DN,DQ,FA,GB,HK,IL,LI,MSC,PR,PRP,QB,QC,QD,SEP,TL,TTP,TU)
                    2! 3!=U 10-11(1! 2!) x4-9,12
              REF S 1/ 1!=FJ,XZ 2! x3-4
              DTP S 1 1!=472 2!=D8,RD8 3!
"""
