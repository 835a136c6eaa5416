"""Professional claim (837P 005010X222A1): loops, segments, elements and codes.

The notation is that of `schemas.x12.guide`; the facts are the implementation guide's.
"""

GRAMMAR = """
  BHT R 1 1!=0019 2!=00,18 3! 4! 5! 6!=CH,RP
  @1000A R 1
    NM1 R 1 1!=41 2!=1,2 3! 8!=46 9! x6-7,10-12
    PER R 2 1!=IC 3!=ED,EM,FX,TE 4! 5=ED,EM,EX,FX,TE 7=ED,EM,EX,FX,TE x9
  @1000B R 1
    NM1 R 1 1!=40 2!=2 3! 8!=46 9! x4-7,10-12
  @2000A R >1
    HL R 1 1! 3!=20 4!=1 x2
    PRV S 1 1!=BI 2!=PXC 3! x4-6
    CUR S 1 1!=85 2! x3-21
    @2010AA R 1
      NM1 R 1 1!=85 2!=1,2 3! 8=XX x6,10-12
      N3 R 1 1!
      N4 R 1 1! x5-6
      REF R 1 1!=EI,SY 2! x3-4
      REF S 2 1!=0B,1G 2! x3-4
      PER S 2 1!=IC 3!=EM,FX,TE 4! 5=EM,EX,FX,TE 7=EM,EX,FX,TE x9
    @2010AB S 1
      NM1 R 1 1!=87 2!=1,2 x3-12
      N3 R 1 1!
      N4 R 1 1! x5-6
    @2010AC S 1
      NM1 R 1 1!=PE 2!=2 3! 8!=PI,XV 9! x4-7,10-12
      N3 R 1 1!
      N4 R 1 1! x5-6
      REF S 1 1!=2U,FY,NF 2! x3-4
      REF R 1 1!=EI 2! x3-4
    @2000B R >1
      HL R 1 1! 2! 3!=22 4!=0,1
      SBR R 1 1!=A,B,C,D,E,F,G,H,P,S,T,U 2=18 5=12,13,14,15,16,41,42,43,47
            9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ x6-8
      PAT S 1 5=D8 7=01 9=Y x1-4
      @2010BA R 1
        NM1 R 1 1!=IL 2!=1,2 3! 8!=II,MI 9! x6,10-12
        N3 S 1 1!
        N4 S 1 1! x5-6
        DMG S 1 1!=D8 2! 3!=F,M,U x4-11
        REF S 1/ 1!=SY,Y4 2! x3-4
        PER S 1 1!=IC 3!=TE 4! 5=EX x7-9
      @2010BB R 1
        NM1 R 1 1!=PR 2!=2 3! 8!=PI,XV 9! x4-7,10-12
        N3 S 1 1!
        N4 S 1 1! x5-6
        REF S 3 1!=2U,EI,FY,NF 2! x3-4
        REF S 2 1!=G2,LU 2! x3-4
      @2300 S 100
        CLM R 1 1! 2! 5!(1! 2!=B 3!) 6!=N,Y 7!=A,B,C 8!=N,W,Y 9!=I,Y 10=P 11(1!=AA,EM,OA 2=AA,EM,OA x3)
              12=02,03,05,09 20=1,2,3,4,5,6,7,8,9,10,11,15 x3-4,13-19
        DTP S 1/ 1!=431,454,304,453,439,484,455,471 2!=D8 3!
        DTP S 1 1!=314,360,361 2!=D8,RD8 3!
        DTP S 1/ 1!=297,296,435,096 2!=D8 3!
        DTP S 2 1!=090,091 2!=D8 3!
        DTP S 1/ 1!=444,050 2!=D8 3!
        PWK S 10 1! 2!=AA,BM,EL,EM,FT,FX 5=AC x3-4,7-9
        CN1 S 1 1!=01,02,03,04,05,06,09
        AMT S 1 1!=F5 2! x3
        REF S 1/ 1!=4N,F5,EW,9F,G1,F8,X4,9A,9C,LX,D9,EA,P4,1J 2! x3-4
        K3 S 10 1! x2-3
        NTE S 1 1!=ADD,CER,DCP,DGN,TPO 2!
        CR1 S 1 1=LB 4!=A,B,C,D,E 5!=DH 6! x3,7-8
        CR2 S 1 8!=A,C,D,E,F,G,M x1-7,9,12
        CRC S 3 1!=07 2!=N,Y 3!=01,04,05,06,07,08,09,12 4=01,04,05,06,07,08,09,12 5=01,04,05,06,07,08,09,12
              6=01,04,05,06,07,08,09,12 7=01,04,05,06,07,08,09,12
        CRC S 3 1!=E1,E2,E3 2!=N,Y 3!=L1,L2,L3,L4,L5 4=L1,L2,L3,L4,L5 5=L1,L2,L3,L4,L5 6=L1,L2,L3,L4,L5
              7=L1,L2,L3,L4,L5
        CRC S 1 1!=75 2!=Y 3!=IH x4-7
        CRC S 1 1!=ZZ 2!=N,Y 3!=AV,NU,S2,ST 4=AV,NU,S2,ST 5=AV,NU,S2,ST x6-7
        HI R 1 1!(1!=ABK,BK 2! x3-9) 2-12(1!=ABF,BF 2! x3-9)
        HI S 1 1!(1!=BP 2! x3-9) 2(1!=BO 2! x3-9) x3-12
        HI S 2 1!(1!=BG 2! x3-9) 2-12(1!=BG 2! x3-9)
        HCP S 1 1!=00,01,02,03,04,05,07,08,09,10,11,12,13,14 2! 13=T1,T2,T3,T4,T5,T6 14=1,2,3,4,5 15=1,2,3,4,5,6
              x8-12
        @2310A S 2
          NM1 R 1 1!=DN,P3 2!=1 3! 8=XX x6,10-12
          REF S 3 1!=0B,1G,G2 2! x3-4
        @2310B S 1
          NM1 R 1 1!=82 2!=1,2 3! 8=XX x6,10-12
          PRV S 1 1!=PE 2!=PXC 3! x4-6
          REF S 4 1!=0B,1G,G2,LU 2! x3-4
        @2310C S 1
          NM1 R 1 1!=77 2!=2 3! 8=XX x4-7,10-12
          N3 R 1 1!
          N4 R 1 1! x5-6
          REF S 3 1!=0B,G2,LU 2! x3-4
          PER S 1 1!=IC 3!=TE 4! 5=EX x7-9
        @2310D S 1
          NM1 R 1 1!=DQ 2!=1 3! 8=XX x6,10-12
          REF S 4 1!=0B,1G,G2,LU 2! x3-4
        @2310E S 1
          NM1 R 1 1!=PW 2!=2 x3-12
          N3 R 1 1!
          N4 R 1 1! x5-6
        @2310F S 1
          NM1 R 1 1!=45 2!=2 x4-12
          N3 R 1 1!
          N4 R 1 1! x5-6
        @2320 S 10
          SBR R 1 1!=A,B,C,D,E,F,G,H,P,S,T,U 2!=01,18,19,20,21,39,40,53,G8 5=12,13,14,15,16,41,42,43,47
                9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ x6-8
          CAS S 5 1!=CO,CR,OA,PI,PR 2! 3!
          AMT S 1/ 1!=D,A8,EAF 2! x3
          OI R 1 3!=N,W,Y 4=P 6!=I,Y x1-2,5
          MOA S 1
          @2330A R 1
            NM1 R 1 1!=IL 2!=1,2 3! 8!=II,MI 9! x6,10-12
            N3 S 1 1!
            N4 S 1 1! x5-6
            REF S 1 1!=SY 2! x3-4
          @2330B R 1
            NM1 R 1 1!=PR 2!=2 3! 8!=PI,XV 9! x4-7,10-12
            N3 S 1 1!
            N4 S 1 1! x5-6
            DTP S 1 1!=573 2!=D8 3!
            REF S 2 1!=2U,EI,FY,NF 2! x3-4
            REF S 1/ 1!=G1,9F,T4,F8 2! x3-4
          @2330C S 2
            NM1 R 1 1!=DN,P3 2!=1 x3-12
            REF R 3 1!=0B,1G,G2 2! x3-4
          @2330D S 1
            NM1 R 1 1!=82 2!=1,2 x3-12
            REF R 3 1!=0B,1G,G2,LU 2! x3-4
          @2330E S 1
            NM1 R 1 1!=77 2!=2 x3-12
            REF R 3 1!=0B,G2,LU 2! x3-4
          @2330F S 1
            NM1 R 1 1!=DQ 2!=1 x3-12
            REF R 3 1!=0B,1G,G2,LU 2! x3-4
          @2330G S 1
            NM1 R 1 1!=85 2!=1,2 x3-12
            REF R 2 1!=G2,LU 2! x3-4
        @2400 R 50
          LX R 1 1!
          SV1 R 1 1!(1!=ER,HC,IV,WK 2! x8) 2! 3!=MJ,UN 4! 7!(1!=1,2,3,4,5,6,7,8,9,10,11,12
                2=1,2,3,4,5,6,7,8,9,10,11,12 3=1,2,3,4,5,6,7,8,9,10,11,12 4=1,2,3,4,5,6,7,8,9,10,11,12) 9=Y 11=Y
                12=Y 15=0 x6,8,10,13-14,16-21
          SV5 S 1 1!(1!=HC 2! x3-8) 2!=DA 3! 4! 5! 6!=1,4,6 x7
          PWK S 10 1! 2!=AA,BM,EL,EM,FT,FX 5=AC x3-4,7-9
          PWK S 1 1!=CT 2!=AB,AD,AF,AG,NS x3-9
          CR1 S 1 1=LB 4!=A,B,C,D,E 5!=DH 6! x3,7-8
          CR3 S 1 1!=I,R,S 2!=MO 3! x4-5
          CRC S 3 1!=07 2!=N,Y 3!=01,04,05,06,07,08,09,12 4=01,04,05,06,07,08,09,12 5=01,04,05,06,07,08,09,12
                6=01,04,05,06,07,08,09,12 7=01,04,05,06,07,08,09,12
          CRC S 1 1!=70 2!=N,Y 3!=65 x4-7
          CRC S 1 1!=09 2!=N,Y 3!=38,ZV 4=38,ZV x5-7
          DTP R 1 1!=472 2!=D8,RD8 3!
          DTP S 1/ 1!=471,607,463,461,304 2!=D8 3!
          DTP S 2 1!=738,739 2!=D8 3!
          DTP S 1/ 1!=011,455,454 2!=D8 3!
          QTY S 1/ 1!=PT,FL 2! x3-4
          MEA S 5 1!=OG,TR 2!=HT,R1,R2,R3,R4 3! x4-12
          CN1 S 1 1!=01,02,03,04,05,06,09
          REF S 1/ 1!=9B,9D 2! x3-4
          REF S 5 1!=G1 2! 4(1!=2U 2! x3-6) x3
          REF S 1/ 1!=6R,EW,X4,F4,BT 2! x3-4
          REF S 5 1!=9F 2! 4(1!=2U 2! x3-6) x3
          AMT S 1/ 1!=T,F4 2! x3
          K3 S 10 1! x2-3
          NTE S 1 1!=ADD,DCP 2!
          NTE S 1 1!=TPO 2!
          PS1 S 1 1! 2! x3
          HCP S 1 1!=00,01,02,03,04,05,06,07,08,09,10,11,12,13,14 2! 9=ER,HC,IV,WK 11=MJ,UN 13=T1,T2,T3,T4,T5,T6
                14=1,2,3,4,5 15=1,2,3,4,5,6 x8
          @2410 S 1
            LIN R 1 2!=EN,EO,HI,N4,ON,UK,UP 3! x1,4-31
            CTP R 1 4! 5!(1!=F2,GR,ME,ML,UN x2-15) x1-3,6-11
            REF S 1 1!=VY,XZ 2! x3-4
          @2420A S 1
            NM1 R 1 1!=82 2!=1,2 3! 8=XX x6,10-12
            PRV S 1 1!=PE 2!=PXC 3! x4-6
            REF S 20 1!=0B,1G,G2,LU 2! 4(1!=2U 2! x3-6) x3
          @2420B S 1
            NM1 R 1 1!=QB 2!=1,2 8=XX x3-7,10-12
            REF S 20 1!=0B,1G,G2 2! 4(1!=2U 2! x3-6) x3
          @2420C S 1
            NM1 R 1 1!=77 2!=2 3! 8=XX x4-7,10-12
            N3 R 1 1!
            N4 R 1 1! x5-6
            REF S 3 1!=G2,LU 2! 4(1!=2U 2! x3-6) x3
          @2420D S 1
            NM1 R 1 1!=DQ 2!=1 3! 8=XX x6,10-12
            REF S 20 1!=0B,1G,G2,LU 2! 4(1!=2U 2! x3-6) x3
          @2420E S 1
            NM1 R 1 1!=DK 2!=1 3! 8=XX x6,10-12
            N3 S 1 1!
            N4 S 1 1! x5-6
            REF S 20 1!=0B,1G,G2 2! 4(1!=2U 2! x3-6) x3
            PER S 1 1!=IC 3!=EM,FX,TE 4! 5=EM,EX,FX,TE 7=EM,EX,FX,TE x9
          @2420F S 2
            NM1 R 1 1!=DN,P3 2!=1 3! 8=XX x6,10-12
            REF S 20 1!=0B,1G,G2 2! 4(1!=2U 2! x3-6) x3
          @2420G S 1
            NM1 R 1 1!=PW 2!=2 x3-12
            N3 R 1 1!
            N4 R 1 1! x5-6
          @2420H S 1
            NM1 R 1 1!=45 2!=2 x4-12
            N3 R 1 1!
            N4 R 1 1! x5-6
          @2430 S 15
            SVD R 1 1! 2! 3!(1!=ER,HC,IV,WK 2! x8) 5! x4
            CAS S 5 1!=CO,CR,OA,PI,PR 2! 3!
            DTP R 1 1!=573 2!=D8 3!
            AMT S 1 1!=EAF 2! x3
          @2440 S >1
            LQ R 1 1!=AS,UT 2!
            FRM R 99 1! 2=N,W,Y
      @2000C S >1
        HL R 1 1! 2! 3!=23 4!=0
        PAT R 1 1!=01,19,20,21,39,40,53,G8 5=D8 7=01 9=Y x2-4
        @2010CA R 1
          NM1 R 1 1!=QC 2!=1 3! x6,8-12
          N3 R 1 1!
          N4 R 1 1! x5-6
          DMG R 1 1!=D8 2! 3!=F,M,U x4-11
          REF S 1 1!=Y4 2! x3-4
          REF S 1 1!=1W,SY 2! x3-4
          PER S 1 1!=IC 3!=TE 4! 5=EX x7-9
        +2300 R 100
"""
